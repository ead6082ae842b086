import { Link } from "@tanstack/react-router";

import type { Hit } from "~/api/types";
import { useZone } from "~/app/preferences";
import classes from "~/components/record/RecordDetail.module.css";
import { ValueTools } from "~/components/record/ValueTools";
import { formatDuration, formatInstant } from "~/format/times";
import { levelWord } from "~/text/levels";

interface Props {
  hit: Hit;
  onInclude: (field: string, value: string) => void;
  onExclude: (field: string, value: string) => void;
}

const ORIGINS: Record<Hit["time_origin"], string> = {
  header: "read from the record",
  previous: "of the record before: this one names none",
  receipt: "of receipt: neither this record nor one before names any",
};

export function FieldList({ hit, onInclude, onExclude }: Props) {
  const [zone] = useZone();
  const tools = (field: string, value: string) => (
    <ValueTools
      name={field}
      value={value}
      onInclude={() => onInclude(field, value)}
      onExclude={() => onExclude(field, value)}
    />
  );
  return (
    <section>
      <h3 className={classes["heading"]}>Record</h3>
      <table className={classes["table"]}>
        <tbody>
          <Field name="Time">
            {formatInstant(hit.time, zone)} {zone === "utc" ? "UTC" : ""}
            <div className={classes["none"]}>{ORIGINS[hit.time_origin]}</div>
            {hit.clock_back_s > 0 ? (
              <div className={classes["none"]}>
                the clock went back: {formatDuration(1000 * hit.clock_back_s)} before the record above
              </div>
            ) : null}
          </Field>
          <Field name="Level" tools={tools("level", hit.level)}>
            {levelWord(hit.level)}
          </Field>
          <Field name="Source">
            <Link to="/sources/$name" params={{ name: hit.source }}>
              {hit.source}
            </Link>
          </Field>
          {hit.component ? (
            <Field name="Component" tools={tools("component", hit.component)}>
              {hit.component}
            </Field>
          ) : null}
          {hit.template_id ? (
            <Field name="Pattern" tools={tools("template", hit.template_id)}>
              <Link
                to="/patterns"
                search={{ source: hit.source, q: `template:${hit.template_id}` }}
              >
                {hit.template_id}
              </Link>
            </Field>
          ) : (
            <Field name="Pattern">not yet sealed</Field>
          )}
        </tbody>
      </table>
    </section>
  );
}

interface FieldProps {
  name: string;
  tools?: React.ReactNode;
  children: React.ReactNode;
}

function Field({ name, tools, children }: FieldProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className={classes["value"]}>{children}</td>
      <td className={classes["tools"]}>{tools}</td>
    </tr>
  );
}
