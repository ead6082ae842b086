import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { IconCheck, IconChevronDown, IconChevronRight, IconMinus } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";

import type { Facet, FacetValue } from "~/api/types";
import { LevelBadge } from "~/components/LevelBadge";
import { formatCount, formatShort } from "~/format/numbers";
import classes from "~/pages/explore/Facets.module.css";
import { stanceOf, type Stance } from "~/query/clauses";
import { isLevel, levelWord } from "~/text/levels";
import { TemplateText } from "~/text/TemplateText";

interface Props {
  field: string;
  label: string;
  teaches?: string;
  facet: UseQueryResult<Facet>;
  open: boolean;
  query: string;
  onToggle: () => void;
  onInclude: (value: string) => void;
  onExclude: (value: string) => void;
}

export function FacetGroup(props: Props) {
  const { field, label, teaches, open, onToggle } = props;
  const Sign = open ? IconChevronDown : IconChevronRight;
  return (
    <section>
      <button
        type="button"
        className={classes["header"]}
        aria-expanded={open}
        aria-controls={`facet-${field}`}
        title={teaches}
        onClick={onToggle}
      >
        <Sign size={14} aria-hidden />
        <span className={classes["label"]}>{label}</span>
      </button>
      <div id={`facet-${field}`} hidden={!open}>
        {open ? <Values {...props} /> : null}
      </div>
    </section>
  );
}

function Values({ facet, field, query, onInclude, onExclude }: Props) {
  if (facet.isError) return <p className={classes["note"]}>not counted</p>;
  if (!facet.data) return <Skeleton height={60} mx={30} my={4} aria-label="Loading" />;
  const { values, other } = facet.data;
  if (values.length === 0) return <p className={classes["note"]}>none in these records</p>;
  const highest = Math.max(...values.map((value) => value.count));
  return (
    <>
      <ul className={classes["values"]}>
        {values.map((value) => (
          <Value
            key={value.value}
            field={field}
            value={value}
            share={value.count / highest}
            stance={stanceOf(query, field, value.value)}
            onInclude={() => onInclude(value.value)}
            onExclude={() => onExclude(value.value)}
          />
        ))}
      </ul>
      {other > 0 ? <p className={classes["note"]}>and {formatCount(other)} in other values</p> : null}
    </>
  );
}

interface ValueProps {
  field: string;
  value: FacetValue;
  share: number;
  stance: Stance;
  onInclude: () => void;
  onExclude: () => void;
}

function Value({ field, value, share, stance, onInclude, onExclude }: ValueProps) {
  const label = field === "template" ? value.label : value.value;
  return (
    <li className={classes["value"]} data-stance={stance}>
      {stance === "included" ? (
        <span className={classes["mark"]}>
          <IconCheck size={14} aria-hidden />
        </span>
      ) : null}
      <button
        type="button"
        className={classes["choose"]}
        aria-pressed={stance === "included"}
        onClick={onInclude}
      >
        <FacetLabel field={field} value={value} />
        <span className={`${classes["count"]} num`} title={formatCount(value.count)}>
          {formatShort(value.count)}
        </span>
      </button>
      <Tooltip label="Without this value">
        <ActionIcon
          size={24}
          className={classes["exclude"] ?? ""}
          aria-label={`Without ${label}`}
          aria-pressed={stance === "excluded"}
          onClick={onExclude}
        >
          <IconMinus size={14} />
        </ActionIcon>
      </Tooltip>
      <span className={classes["bar"]} style={{ width: `${share * 75}%` }} aria-hidden />
    </li>
  );
}

function FacetLabel({ field, value }: { field: string; value: FacetValue }) {
  if (field === "level" && isLevel(value.value)) {
    return (
      <span className={classes["text"]}>
        {value.value === "none" ? levelWord("none") : <LevelBadge level={value.value} />}
      </span>
    );
  }
  if (field === "template") {
    return (
      <span className={`${classes["text"]} ${classes["clamp"]}`} title={value.label}>
        <TemplateText typedText={value.label} />
      </span>
    );
  }
  return (
    <span className={classes["text"]} title={value.value}>
      {value.value === "" ? "(empty)" : value.value}
    </span>
  );
}
