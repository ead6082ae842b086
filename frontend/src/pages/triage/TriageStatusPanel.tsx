import { Button, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

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
      <Answers status={status.data} task={task} />
      <Costs status={status.data} />
    </Stack>
  );
}

function Answers({ status, task }: { status: TriageStatus; task: TriageTask }) {
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
        {task.about === "template" ? (
          <Fact name="records that these stand for" value={formatCount(status.records)} />
        ) : null}
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

type Sum = "calls" | "tokens" | "money" | "small" | "asked" | "cached" | "review";

/** How the team's questions were answered, and what that cost: all tasks together. */
function Costs({ status }: { status: TriageStatus }) {
  const sum = (name: Sum) => status.days.reduce((total, day) => total + day[name], 0);
  const routed = sum("asked") + sum("cached");
  const questions = routed + sum("review") + sum("small");
  const share = (count: number) =>
    questions > 0 ? `${formatCount(count)} (${percent(count / questions)})` : "–";
  const isUsed = status.language_model || sum("calls") > 0;
  return (
    <section aria-label="Language model">
      <Title order={2} mb={4}>
        All questions, 30 days
      </Title>
      <dl className={classes["facts"]}>
        <Fact name="questions, those asked again included" value={formatCount(questions)} />
        <Fact name="answered by the small model" value={share(sum("small"))} />
        {isUsed ? <Fact name="routed to the language model" value={share(routed)} /> : null}
        <Fact name="left to a person" value={share(sum("review"))} />
        {isUsed ? <Spent sum={sum} /> : null}
      </dl>
      {status.language_model ? null : (
        <Text size="sm" c="dimmed" mt={4}>
          No language model is set up, so nothing is routed: what the small model is unsure of waits
          for a person. One can be set up in the <Link to="/settings">settings</Link>.
        </Text>
      )}
      <Trial status={status} />
    </section>
  );
}

function Spent({ sum }: { sum: (name: Sum) => number }) {
  const price = sum("calls") > 0 ? sum("money") / sum("calls") : 0;
  const saved = sum("small") + sum("cached");
  return (
    <>
      <Fact name="calls" value={formatCount(sum("calls"))} />
      <Fact name="calls saved by the small model" value={formatCount(sum("small"))} />
      <Fact name="calls saved by the cache" value={formatCount(sum("cached"))} />
      <Fact name="tokens" value={formatCount(sum("tokens"))} />
      <Fact name="cost" value={price > 0 ? sum("money").toFixed(2) : "no price is set"} />
      {price > 0 ? (
        <Fact name="cost saved, at the mean price of a call" value={(saved * price).toFixed(2)} />
      ) : null}
    </>
  );
}

function Trial({ status: { trial } }: { status: TriageStatus }) {
  const known = trial.both + trial.only_large + trial.only_small + trial.neither;
  if (known === 0) return null;
  return (
    <Text size="sm" c="dimmed" mt={4}>
      Of {known} routed patterns of this question that a person judged, the language model alone was
      right on {trial.only_large}, the small model alone on {trial.only_small}
      {trial.worth_asking ? "" : ": it is not asked any more"}.
    </Text>
  );
}
