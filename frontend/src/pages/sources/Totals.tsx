import type { Source } from "~/api/types";
import { formatBytes, formatCount, formatRatio } from "~/format/numbers";
import classes from "~/pages/sources/Totals.module.css";

export function Totals({ sources }: { sources: Source[] }) {
  const sum = (of: (source: Source) => number) =>
    sources.reduce((total, source) => total + of(source), 0);
  const raw = sum((source) => source.raw_bytes);
  const stored = sum((source) => source.stored_bytes);
  const figures = [
    { label: "Lines kept", value: formatCount(sum((source) => source.lines)) },
    { label: "As they came", value: formatBytes(raw) },
    { label: "On disk", value: formatBytes(stored) },
    { label: "Times smaller", value: formatRatio(raw, stored) },
    { label: "Patterns", value: formatCount(sum((source) => source.templates)) },
  ];
  return (
    <dl className={classes["root"]}>
      {figures.map((figure) => (
        <div key={figure.label} className={classes["figure"]}>
          <dt>{figure.label}</dt>
          <dd className="num">{figure.value}</dd>
        </div>
      ))}
    </dl>
  );
}
