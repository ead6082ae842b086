import { Button, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";

import { api } from "~/api/client";
import { triageStatusQuery, type TriageStatus, type TriageTask } from "~/api/triage";
import { ProblemState } from "~/components/ProblemState";
import { formatCount } from "~/format/numbers";
import { Accuracy } from "~/pages/triage/Accuracy";
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
        <Accuracy status={status.data} task={task} />
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
  const sum = (name: "calls" | "tokens" | "money" | "small" | "asked" | "cached" | "review") =>
    status.days.reduce((total, day) => total + day[name], 0);
  const routed = sum("asked") + sum("cached") + sum("review");
  const questions = routed + sum("small");
  const saved = sum("small") + sum("cached");
  const price = sum("calls") > 0 ? sum("money") / sum("calls") : 0;
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
        <Fact name="share routed" value={questions > 0 ? percent(routed / questions) : "–"} />
        <Fact name="cost saved, at the mean price of a call" value={(saved * price).toFixed(2)} />
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
