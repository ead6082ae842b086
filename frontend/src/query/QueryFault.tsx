import type { Fault } from "~/query/editor";
import classes from "~/query/QueryFault.module.css";

interface Props extends Fault {
  query: string;
  message: string;
}

// Enough of a long query around the fault to recognise the place.
const WINDOW = 60;

/** The query again, with carets under what the server could not understand. */
export function QueryFault({ query, from, to, message }: Props) {
  const start = Math.max(0, from - WINDOW);
  const lead = start > 0 ? "…" : "";
  const shown = lead + query.slice(start, from + WINDOW);
  const indent = " ".repeat(from - start + lead.length);
  const width = Math.max(1, Math.min(to - from, shown.length - indent.length));
  return (
    <div role="alert" className={classes["root"]}>
      <pre className={classes["place"]} aria-hidden>
        {shown}
        {"\n"}
        {indent}
        <span className={classes["caret"]}>{"^".repeat(width)}</span>
      </pre>
      <p className={classes["message"]}>
        {message}
        <span className="visually-hidden"> at character {from + 1}</span>
      </p>
    </div>
  );
}
