import { Link } from "@tanstack/react-router";

import type { AnomalyLine } from "~/api/anomalies";
import { useZone } from "~/app/preferences";
import { LevelBadge } from "~/components/LevelBadge";
import { formatInstant } from "~/format/times";
import classes from "~/pages/anomaly/Lines.module.css";
import { LogText } from "~/text/LogText";

const LINE_CHARS = 600;

export function Lines({ lines }: { lines: AnomalyLine[] }) {
  const [zone] = useZone();
  return (
    <ol className={classes["lines"]} aria-label="Records of the unit" tabIndex={0}>
      {lines.map(({ hit, is_shown_first: first }) => (
        <li key={hit.id} className={classes["line"]} data-first={first || undefined}>
          <Link to="/records/$id" params={{ id: hit.id }} className={classes["time"]}>
            {formatInstant(hit.time, zone)}
          </Link>
          <span className={classes["level"]}>
            <LevelBadge level={hit.level} />
          </span>
          <span className={classes["text"]}>
            {first ? <span className="visually-hidden">Shows what is wrong: </span> : null}
            <LogText
              text={hit.raw}
              variables={hit.variables}
              from={hit.message_start}
              to={hit.message_end > hit.message_start ? hit.message_end : hit.raw.length}
              limit={LINE_CHARS}
            />
          </span>
        </li>
      ))}
    </ol>
  );
}
