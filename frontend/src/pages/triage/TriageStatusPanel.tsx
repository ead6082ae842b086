import { Button, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";

import { api } from "~/api/client";
import { triageStatusQuery, type TriageStatus, type TriageTask } from "~/api/triage";
import { ProblemState } from "~/components/ProblemState";
import { formatCount } from "~/format/numbers";
import classes from "~/pages/triage/Triage.module.css";
import { whoLabel } from "~/text/answers";

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** How well a task does: accuracy over time, who answers, what is routed, what it costs. */
export function TriageStatusPanel({ task }: { task: TriageTask }) {
  const status = useQuery(triageStatusQuery(task.name));
  const retrain = useMutation({
    mutationFn: () => api.post(`/triage/tasks/${encodeURIComponent(task.name)}/retrain`),
  });
  if (status.isError) return <ProblemState error={status.error} />;
  if (!status.data) return null;
  return (
    <Stack gap="lg">
      <section aria-label="Model">
        <Title order={2} mb={4}>
          Small model
        </Title>
        <Versions status={status.data} task={task} />
        <Button
          mt="xs"
          size="compact-sm"
          variant="default"
          disabled={task.missing !== ""}
          loading={retrain.isPending}
          onClick={() => retrain.mutate()}
        >
          Train now
        </Button>
      </section>
      <Answers status={status.data} />
      <Costs status={status.data} />
    </Stack>
  );
}

function Versions({ status, task }: { status: TriageStatus; task: TriageTask }) {
  const newest = status.versions.at(-1);
  if (!newest) {
    return (
      <Text size="sm" c="dimmed">
        None yet: no labels are shipped, it learns from verdicts.
        {task.missing ? ` Needs ${task.missing}.` : " It is trained in a moment."}
      </Text>
    );
  }
  return (
    <>
      <Text size="sm" c="dimmed">
        Share right on patterns that it had not seen, by version.
      </Text>
      <AccuracyChart values={status.versions.map((version) => version.accuracy)} />
      <dl className={classes["facts"]}>
        <dt>Version {newest.number}, examples</dt>
        <dd className="num">{newest.examples}</dd>
        <dt>Right on unseen</dt>
        <dd className="num">{percent(newest.accuracy)}</dd>
        <dt>Right among what it answers</dt>
        <dd className="num">
          {newest.answered_accuracy === null ? "–" : percent(newest.answered_accuracy)}
        </dd>
        <dt>Share routed</dt>
        <dd className="num">
          {newest.routed === null ? "all: target out of reach" : percent(newest.routed)}
        </dd>
      </dl>
    </>
  );
}

/** A line from 0 to 1; the numbers stand beside it. */
function AccuracyChart({ values }: { values: number[] }) {
  const step = values.length > 1 ? 100 / (values.length - 1) : 100;
  const shown = values.length > 1 ? values : [...values, ...values];
  const points = shown.map((value, index) => `${index * step},${100 - value * 100}`);
  const said = values.map((value, index) => `version ${index + 1}: ${percent(value)}`);
  return (
    <svg
      className={classes["chart"]}
      viewBox="0 -4 100 108"
      preserveAspectRatio="none"
      role="img"
      aria-label={`Accuracy, ${said.slice(-5).join(", ")}`}
    >
      {[0, 50, 100].map((y) => (
        <line key={y} x1="0" x2="100" y1={y} y2={y} />
      ))}
      <polyline points={points.join(" ")} />
    </svg>
  );
}

function Answers({ status }: { status: TriageStatus }) {
  const total = status.answered + status.waiting;
  return (
    <section aria-label="Answers">
      <Title order={2} mb={4}>
        Answers
      </Title>
      <dl className={classes["facts"]}>
        {Object.entries(status.by_who).map(([who, count]) => (
          <Fact key={who} name={`by ${whoLabel(who)}`} value={formatCount(count)} />
        ))}
        <Fact name="wait for a person" value={formatCount(status.waiting)} />
        <Fact
          name="answered"
          value={total > 0 ? percent(status.answered / total) : "–"}
        />
        <Fact name="records that these stand for" value={formatCount(status.records)} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="num">{value}</dd>
    </>
  );
}

function Costs({ status }: { status: TriageStatus }) {
  const sum = (name: "calls" | "tokens" | "money" | "small" | "cached") =>
    status.days.reduce((total, day) => total + day[name], 0);
  const { trial } = status;
  const known = trial.both + trial.only_large + trial.only_small + trial.neither;
  return (
    <section aria-label="Language model">
      <Title order={2} mb={4}>
        Language model, 30 days
      </Title>
      <dl className={classes["facts"]}>
        <Fact name="calls" value={formatCount(sum("calls"))} />
        <Fact name="calls saved by the small model" value={formatCount(sum("small"))} />
        <Fact name="calls saved by the cache" value={formatCount(sum("cached"))} />
        <Fact name="tokens" value={formatCount(sum("tokens"))} />
        <Fact name="cost" value={sum("money").toFixed(2)} />
      </dl>
      {known > 0 ? (
        <Text size="sm" c="dimmed" mt={4}>
          On {known} routed patterns that a person judged, it alone was right on{" "}
          {trial.only_large}, the small model alone on {trial.only_small}
          {trial.worth_asking ? "" : ": it is not asked any more"}.
        </Text>
      ) : null}
    </section>
  );
}
