import { Button, Kbd, Text } from "@mantine/core";
import { IconChecks } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { queueQuery, type TriageTask, type Waiting } from "~/api/triage";
import { EmptyState } from "~/components/EmptyState";
import { ProblemState } from "~/components/ProblemState";
import { TableSkeleton } from "~/components/TableSkeleton";
import { plural } from "~/format/numbers";
import classes from "~/pages/triage/Triage.module.css";
import { keyOfLabel, useReview } from "~/pages/triage/useReview";
import { provenance } from "~/text/answers";
import { TemplateText } from "~/text/TemplateText";

/** The review queue: number keys choose a label, j and k move, u takes the last verdict back. */
export function ReviewList({ task, source }: { task: TriageTask; source: string | undefined }) {
  const queue = useQuery(queueQuery(task.name, source));
  const review = useReview(task, queue.data?.results ?? []);
  if (queue.isPending) return <TableSkeleton rows={8} />;
  if (queue.isError) {
    return <ProblemState error={queue.error} onRetry={() => void queue.refetch()} />;
  }
  return (
    <section aria-label="Review queue">
      <Text size="sm" mb="xs" role="status">
        <strong className="num">{plural(queue.data.waiting, "pattern")}</strong> to review.{" "}
        {task.question}
      </Text>
      <Text size="xs" c="dimmed" mb="xs">
        <Kbd size="xs">j</Kbd> <Kbd size="xs">k</Kbd> move, <Kbd size="xs">1</Kbd> to{" "}
        <Kbd size="xs">{keyOfLabel(task.labels.length - 1)}</Kbd> label, <Kbd size="xs">u</Kbd> undo
        {review.last ? `. Last: ${review.last}` : ""}
      </Text>
      {review.error ? (
        <Text size="sm" role="alert" mb="xs">
          {review.error.message}
        </Text>
      ) : null}
      {review.rows.length === 0 ? (
        <EmptyState icon={IconChecks} title="Nothing to review">
          <span>New patterns come here when no model is sure of them.</span>
        </EmptyState>
      ) : (
        <ul className={classes["list"]}>
          {review.rows.map((row, index) => (
            <Row
              key={`${row.source} ${row.id}`}
              row={row}
              task={task}
              current={index === review.at}
              onPick={() => review.moveTo(index)}
              onLabel={(label) => review.say(row, label)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface RowProps {
  row: Waiting;
  task: TriageTask;
  current: boolean;
  onPick: () => void;
  onLabel: (label: string) => void;
}

function Row({ row, task, current, onPick, onLabel }: RowProps) {
  const said = row.answer.label
    ? `${provenance(row.answer)}: ${row.answer.label}`
    : "no answer yet";
  return (
    <li className={classes["row"]} aria-current={current}>
      <button type="button" className={classes["pick"]} onClick={onPick}>
        {row.typed_text.split("\n").map((line, index) => (
          <span key={`${index} ${line}`} className={classes["line"]}>
            <TemplateText typedText={line} />
          </span>
        ))}
      </button>
      <div className={classes["meta"]}>
        {row.anomaly === null ? (
          `${plural(row.records, "record")} in ${row.source}`
        ) : (
          <Link to="/anomalies/$id" params={{ id: String(row.anomaly) }}>
            {plural(row.records, "anomaly", "anomalies")} in {row.source}
          </Link>
        )}
        ; {said}
        {row.sampled ? "; drawn at random, to see how right the answers are" : ""}
      </div>
      {current ? (
        <div className={classes["labels"]}>
          {task.labels.map((label, index) => (
            <Button
              key={label.name}
              size="compact-sm"
              variant="default"
              title={label.meaning}
              leftSection={index < 10 ? <Kbd size="xs">{keyOfLabel(index)}</Kbd> : null}
              onClick={() => onLabel(label.name)}
            >
              {label.name}
            </Button>
          ))}
        </div>
      ) : null}
    </li>
  );
}
