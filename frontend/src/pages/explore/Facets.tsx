import { useQuery } from "@tanstack/react-query";

import { facetQuery } from "~/api/queries";
import { FacetGroup } from "~/pages/explore/FacetGroup";
import classes from "~/pages/explore/Facets.module.css";
import type { Explore } from "~/pages/explore/useExplore";
import { withoutField } from "~/query/clauses";
import { CATEGORIES } from "~/text/categories";

interface FacetField {
  field: string;
  label: string;
  family?: string;
  teaches?: string;
}

const FIELDS: FacetField[] = [
  { field: "level", label: "Level" },
  { field: "template", label: "Pattern" },
  { field: "component", label: "Component" },
  { field: "severity", label: "Severity", teaches: "How severe the pattern is, by triage" },
  { field: "category", label: "Category", teaches: "What the pattern is about, by triage" },
  { field: "problem", label: "Problem", teaches: "Whether the pattern is a problem, by triage" },
  ...CATEGORIES.map((category) => ({
    field: category.name,
    label: category.label,
    family: category.family,
    teaches: category.teaches,
  })),
];
const FIRST_VARIABLE = FIELDS.length - CATEGORIES.length;
const OPEN_AT_FIRST = "level,template,status_code";
const SHOWN = 10;

/** What the records at hand have in common: values with counts, to click into the query. */
export function Facets({ explore }: { explore: Explore }) {
  const open = (explore.search.facets ?? OPEN_AT_FIRST).split(",");
  const toggle = (field: string) => {
    const next = open.includes(field) ? open.filter((item) => item !== field) : [...open, field];
    explore.set({ facets: next.length === 0 ? "none" : next.join(",") }, true);
  };
  return (
    <aside className={classes["root"]} aria-label="Facets" tabIndex={0}>
      {FIELDS.map((item, index) => (
        <div key={item.field}>
          {index === FIRST_VARIABLE ? <h2 className={classes["section"]}>Variables</h2> : null}
          <Facet
            item={item}
            explore={explore}
            open={open.includes(item.field)}
            onToggle={() => toggle(item.field)}
          />
        </div>
      ))}
    </aside>
  );
}

interface FacetProps {
  item: FacetField;
  explore: Explore;
  open: boolean;
  onToggle: () => void;
}

function Facet({ item, explore, open, onToggle }: FacetProps) {
  const { field } = item;
  // Counted without the field's own conditions: choosing one value must not hide the others.
  const scope = { ...explore.scope, q: withoutField(explore.query, field) };
  const facet = useQuery({ ...facetQuery(scope, field, SHOWN), enabled: open });
  return (
    <FacetGroup
      {...item}
      facet={facet}
      open={open}
      query={explore.query}
      onToggle={onToggle}
      onInclude={(value) => explore.include(field, value)}
      onExclude={(value) => explore.exclude(field, value)}
    />
  );
}
