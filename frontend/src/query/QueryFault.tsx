import classes from "~/query/QueryFault.module.css";

interface Props {
  query: string;
  /** UTF-16 offset in `query`. */
  position: number;
  message: string;
}

// Enough of a long query around the fault to recognise the place.
const WINDOW = 60;

/** The query again with a caret under the place that the server could not understand. */
export function QueryFault({ query, position, message }: Props) {
  const start = Math.max(0, position - WINDOW);
  const lead = start > 0 ? "…" : "";
  const shown = lead + query.slice(start, position + WINDOW);
  const caret = `${" ".repeat(position - start + lead.length)}^`;
  return (
    <div role="alert" className={classes["root"]}>
      <pre className={classes["place"]} aria-hidden>
        {shown}
        {"\n"}
        <span className={classes["caret"]}>{caret}</span>
      </pre>
      <p className={classes["message"]}>
        {message}
        <span className="visually-hidden"> at character {position + 1}</span>
      </p>
    </div>
  );
}
