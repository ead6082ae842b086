import { Badge } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import type { Anomaly } from "~/api/anomalies";
import { useZone } from "~/app/preferences";
import { AnswerBadge } from "~/components/AnswerBadge";
import table from "~/components/Table.module.css";
import { formatInstant } from "~/format/times";
import classes from "~/pages/anomalies/AnomalyTable.module.css";
import { KINDS, STATE_COLORS, STATES } from "~/pages/anomalies/words";
import { answerTo } from "~/text/answers";

interface Props {
  anomalies: Anomaly[];
  selected: number;
  onSelect: (index: number) => void;
}

export function AnomalyTable({ anomalies, selected, onSelect }: Props) {
  return (
    <div className={table["frame"]}>
      <table className={`${table["table"]} ${classes["table"]}`} aria-label="Anomalies">
        <thead>
          <tr>
            <th className={table["right"]}>Score</th>
            <th>Kind</th>
            <th>What is wrong</th>
            <th>Severity</th>
            <th>Source</th>
            <th>Began</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {anomalies.map((anomaly, index) => (
            <AnomalyRow
              key={anomaly.id}
              anomaly={anomaly}
              selected={index === selected}
              onSelect={() => onSelect(index)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  anomaly: Anomaly;
  selected: boolean;
  onSelect: () => void;
}

function AnomalyRow({ anomaly, selected, onSelect }: RowProps) {
  const [zone] = useZone();
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <tr ref={row} data-anomaly={anomaly.id} aria-current={selected || undefined} onClick={onSelect}>
      <td className={`${table["right"]} num`}>{anomaly.score.toFixed(1)}</td>
      <td>{KINDS[anomaly.kind]}</td>
      <td className={classes["what"]}>
        <Link
          to="/anomalies/$id"
          params={{ id: String(anomaly.id) }}
          className={classes["link"]}
        >
          {anomaly.sentence}
        </Link>
        <div className={`${table["faint"]} mono`}>{anomaly.unit}</div>
      </td>
      <td>
        <Called answers={anomaly.answers} />
      </td>
      <td>{anomaly.source}</td>
      <td className="when">{formatInstant(anomaly.start, zone)}</td>
      <td>
        <Badge
          variant={anomaly.state === "confirmed" ? "filled" : "light"}
          size="sm"
          color={STATE_COLORS[anomaly.state]}
        >
          {STATES[anomaly.state]}
        </Badge>
        {anomaly.chance === null ? null : (
          <div className={`${table["faint"]} num`} title="From verdicts on other patterns">
            {Math.round(100 * anomaly.chance)} % likely right
          </div>
        )}
      </td>
    </tr>
  );
}

/** What triage calls the pattern: how severe it is, and whether it is a problem. */
function Called({ answers }: { answers: Anomaly["answers"] }) {
  const problem = answerTo(answers, "anomaly_problem");
  return (
    <>
      <AnswerBadge answer={answerTo(answers, "anomaly_severity")} />
      {problem?.label ? (
        <div className={table["faint"]}>
          problem: {problem.label}
          {problem.state === "review" ? "?" : ""}
        </div>
      ) : null}
    </>
  );
}
