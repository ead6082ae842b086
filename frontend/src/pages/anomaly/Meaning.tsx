import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api } from "~/api/client";
import {
  type AnomalyAnswer,
  anomalyAnswersQuery,
  triageTasksQuery,
  type TriageTask,
} from "~/api/triage";
import { AnswerDetail } from "~/components/AnswerDetail";
import { ProblemState } from "~/components/ProblemState";
import { answerTo, taskLabel } from "~/text/answers";

const WAIT_MS = 1_500;

/** How severe an anomaly is, whether it is a problem, what it means: who says so, how sure. */
export function Meaning({ id }: { id: number }) {
  const client = useQueryClient();
  const query = anomalyAnswersQuery(id);
  const tasks = useQuery(triageTasksQuery);
  const explain = useMutation({
    mutationFn: () => api.post(`/triage/anomalies/${id}/explanation`),
  });
  const answers = useQuery({
    ...query,
    refetchInterval: explain.isSuccess ? WAIT_MS : false,
  });
  const judge = useMutation({
    mutationFn: (said: { task: string; label: string }) =>
      api.post(`/triage/anomalies/${id}`, said),
    onSuccess: () => client.invalidateQueries({ queryKey: query.queryKey }),
  });
  const undo = useMutation({
    mutationFn: (verdict: number) => api.delete(`/triage/verdicts/${verdict}`),
    onSuccess: () => client.invalidateQueries({ queryKey: query.queryKey }),
  });
  if (answers.isError) return <ProblemState error={answers.error} />;
  const found = answers.data ?? [];
  const asked = (tasks.data ?? []).filter((task) => task.about === "anomaly");
  const failure = judge.error ?? undo.error ?? explain.error;
  return (
    <Stack gap="sm">
      {asked.map((task) => (
        <Task
          key={task.name}
          task={task}
          answer={answerTo(found, task.name)}
          onLabel={(label) => judge.mutate({ task: task.name, label })}
          onUndo={(verdict) => undo.mutate(verdict)}
        />
      ))}
      {failure ? (
        <Text size="sm" role="alert">
          {failure.message}
        </Text>
      ) : null}
      <Group>
        <Button
          size="compact-sm"
          variant="default"
          loading={explain.isPending}
          onClick={() => explain.mutate()}
        >
          Ask the language model
        </Button>
        {explain.isSuccess ? (
          <Text size="sm" c="dimmed" role="status">
            It is asked; the answer appears here.
          </Text>
        ) : null}
      </Group>
    </Stack>
  );
}

interface TaskProps {
  task: TriageTask;
  answer: AnomalyAnswer | undefined;
  onLabel: (label: string) => void;
  onUndo: (verdict: number) => void;
}

function Task({ task, answer, onLabel, onUndo }: TaskProps) {
  const verdict = answer?.verdict ?? null;
  return (
    <div>
      {answer ? (
        <AnswerDetail answer={answer} />
      ) : (
        <Text size="sm" c="dimmed">
          {taskLabel(task.name)}: not asked yet
        </Text>
      )}
      <Group gap={6} mt={4} role="group" aria-label={`Judge: ${taskLabel(task.name)}`}>
        {task.labels.map((label) => (
          <Button
            key={label.name}
            size="compact-xs"
            variant={answer?.label === label.name ? "light" : "default"}
            aria-pressed={answer?.label === label.name}
            title={label.meaning}
            onClick={() => onLabel(label.name)}
          >
            {label.name}
          </Button>
        ))}
        {verdict === null ? null : (
          <Button size="compact-xs" variant="subtle" onClick={() => onUndo(verdict)}>
            Take back
          </Button>
        )}
      </Group>
    </div>
  );
}
