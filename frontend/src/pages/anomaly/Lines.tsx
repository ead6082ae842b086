import type { AnomalyLine } from "~/api/anomalies";
import { RecordLine, RecordLines } from "~/components/record/RecordLine";
import classes from "~/pages/anomaly/Lines.module.css";

export function Lines({ lines }: { lines: AnomalyLine[] }) {
  return (
    <div className={classes["root"]}>
      <RecordLines aria-label="Records of the unit" tabIndex={0}>
        {lines.map(({ hit, is_shown_first: first }) => (
          <RecordLine key={hit.id} hit={hit} wrong={first}>
            {first ? <span className="visually-hidden">Shows what is wrong: </span> : null}
          </RecordLine>
        ))}
      </RecordLines>
    </div>
  );
}
