import { ActionIcon, Button, Group, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconBook2, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { casesQuery, type TriageCase, type TriageTask } from "~/api/triage";
import { EmptyState } from "~/components/EmptyState";
import { ProblemState } from "~/components/ProblemState";
import { TableSkeleton } from "~/components/TableSkeleton";
import classes from "~/pages/triage/Triage.module.css";
import { TemplateText } from "~/text/TemplateText";

/** The error cases of a task: what was judged wrongly, the truth, and why; shown to the model. */
export function Cases({ task }: { task: TriageTask }) {
  const cases = useQuery(casesQuery(task.name));
  if (cases.isPending) return <TableSkeleton rows={6} />;
  if (cases.isError) {
    return <ProblemState error={cases.error} onRetry={() => void cases.refetch()} />;
  }
  return (
    <section aria-label="Cases">
      <Text size="sm" c="dimmed" mb="xs">
        Texts that were judged wrongly, with the truth. The one to three nearest ones go into each
        question to the language model; a written reason helps it most.
      </Text>
      {cases.data.length === 0 ? (
        <EmptyState icon={IconBook2} title="No cases yet">
          <span>A verdict that corrects a model becomes one, or write one below.</span>
        </EmptyState>
      ) : (
        <ul className={classes["list"]}>
          {cases.data.map((one) => (
            <Row key={`${one.id} ${one.label} ${one.reason}`} one={one} task={task} />
          ))}
        </ul>
      )}
      <NewCase task={task} />
    </section>
  );
}

function useCases(task: TriageTask) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: casesQuery(task.name).queryKey });
}

function Row({ one, task }: { one: TriageCase; task: TriageTask }) {
  const refresh = useCases(task);
  const [label, setLabel] = useState(one.label);
  const [reason, setReason] = useState(one.reason);
  const save = useMutation({
    mutationFn: () => api.put(`/triage/cases/${one.id}`, { label, reason }),
    onSuccess: refresh,
  });
  const forget = useMutation({
    mutationFn: () => api.delete(`/triage/cases/${one.id}`),
    onSuccess: refresh,
  });
  const changed = label !== one.label || reason !== one.reason;
  const failure = save.error ?? forget.error;
  return (
    <li className={classes["row"]}>
      <TemplateText typedText={one.text} />
      <div className={classes["meta"]}>{one.said ? `was called ${one.said}` : "written by a person"}</div>
      <Group gap="xs" mt={6} align="flex-end">
        <Select
          size="xs"
          w={150}
          aria-label={`Truth of ${one.text}`}
          data={task.labels.map((known) => known.name)}
          allowDeselect={false}
          value={label}
          onChange={(next) => setLabel(next ?? label)}
        />
        <TextInput
          size="xs"
          className={classes["grow"] ?? ""}
          aria-label={`Reason for ${one.text}`}
          placeholder="Why? One sentence"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button
          size="xs"
          variant="default"
          disabled={!changed}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          Save
        </Button>
        <ActionIcon size={30} aria-label={`Forget ${one.text}`} onClick={() => forget.mutate()}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      </Group>
      {failure ? (
        <Text size="sm" role="alert">
          {failure.message}
        </Text>
      ) : null}
    </li>
  );
}

function NewCase({ task }: { task: TriageTask }) {
  const refresh = useCases(task);
  const [text, setText] = useState("");
  const [label, setLabel] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const write = useMutation({
    mutationFn: () => api.post("/triage/cases", { task: task.name, text, label, reason }),
    onSuccess: () => {
      setText("");
      setReason("");
      return refresh();
    },
  });
  return (
    <Stack gap="xs" mt="md">
      <Textarea
        label="New case"
        autosize
        placeholder="The text of a pattern, as it is shown"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group gap="xs" align="flex-end">
        <Select
          size="sm"
          w={150}
          label="Truth"
          data={task.labels.map((known) => known.name)}
          value={label}
          onChange={setLabel}
        />
        <TextInput
          size="sm"
          className={classes["grow"] ?? ""}
          label="Reason"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={!text.trim() || !label}
          loading={write.isPending}
          onClick={() => write.mutate()}
        >
          Add case
        </Button>
      </Group>
      {write.isError ? (
        <Text size="sm" role="alert">
          {write.error.message}
        </Text>
      ) : null}
    </Stack>
  );
}
