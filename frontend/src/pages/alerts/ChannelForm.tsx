import {
  Alert,
  Button,
  Group,
  JsonInput,
  Modal,
  PasswordInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { api } from "~/api/client";
import { reportingKey } from "~/api/reporting";
import type { Channel, ChannelKind, WantedChannel } from "~/api/types";

const KINDS: { value: ChannelKind; label: string }[] = [
  { value: "email", label: "E-mail" },
  { value: "slack", label: "Slack" },
  { value: "teams", label: "Microsoft Teams" },
  { value: "discord", label: "Discord" },
  { value: "pagerduty", label: "PagerDuty" },
  { value: "webhook", label: "Webhook" },
];

interface Props {
  channel: Channel | null;
  opened: boolean;
  onClose: () => void;
}

export function ChannelForm({ channel, opened, onClose }: Props) {
  const client = useQueryClient();
  const [wanted, setWanted] = useState<WantedChannel>({
    name: channel?.name ?? "",
    kind: channel?.kind ?? "email",
    url: "",
    key: "",
    recipients: channel?.recipients ?? [],
    enabled: channel?.enabled ?? true,
  });
  const [template, setTemplate] = useState(
    channel?.template ? JSON.stringify(channel.template, null, 2) : "",
  );
  const set = (change: Partial<WantedChannel>) => setWanted({ ...wanted, ...change });
  const save = useMutation({
    mutationFn: (body: WantedChannel) =>
      channel ? api.put(`/channels/${channel.id}`, body) : api.post("/channels", body),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: reportingKey });
      onClose();
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    let read: unknown = null;
    try {
      read = template.trim() === "" ? null : JSON.parse(template);
    } catch {
      return; // the field says so itself
    }
    save.mutate({ ...wanted, template: read });
  };
  return (
    <Modal opened={opened} onClose={onClose} title={channel ? channel.name : "New channel"} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Name"
            required
            data-autofocus
            value={wanted.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Select
            label="Kind"
            data={KINDS}
            value={wanted.kind}
            allowDeselect={false}
            disabled={channel !== null}
            onChange={(kind) => {
              if (kind) set({ kind });
            }}
          />
          <Target wanted={wanted} set={set} isNew={channel === null} />
          {wanted.kind === "webhook" ? (
            <JsonInput
              label="Template"
              description="The JSON to send; {{ title }}, {{ lines }}, {{ link }} and others are filled in. Empty: all of them."
              size="xs"
              autosize
              minRows={3}
              validationError="Not JSON"
              value={template}
              onChange={setTemplate}
            />
          ) : null}
          <Switch
            label="Enabled"
            checked={wanted.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
          />
          {save.isError ? (
            <Alert color="red" variant="light" role="alert">
              {save.error.message}
            </Alert>
          ) : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="subtle" color="gray" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save channel
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface TargetProps {
  wanted: WantedChannel;
  set: (change: Partial<WantedChannel>) => void;
  isNew: boolean;
}

function Target({ wanted, set, isNew }: TargetProps) {
  const kept = isNew ? undefined : "Stored; empty keeps it";
  if (wanted.kind === "email") {
    return (
      <TagsInput
        label="Recipients"
        size="xs"
        placeholder="ops@example.org"
        value={wanted.recipients ?? []}
        onChange={(recipients) => set({ recipients })}
      />
    );
  }
  const hasKey = wanted.kind === "pagerduty" || wanted.kind === "webhook";
  return (
    <>
      {wanted.kind === "pagerduty" ? null : (
        <TextInput
          label="Address"
          description={isNew ? "Never shown again" : "Never shown again; empty keeps the stored one"}
          placeholder="https://"
          required={isNew}
          value={wanted.url}
          onChange={(event) => set({ url: event.currentTarget.value })}
        />
      )}
      {hasKey ? (
        <PasswordInput
          label={wanted.kind === "pagerduty" ? "Routing key" : "Signing key"}
          description={wanted.kind === "webhook" ? "Signs each body with HMAC-SHA256" : undefined}
          size="xs"
          placeholder={kept}
          required={isNew && wanted.kind === "pagerduty"}
          value={wanted.key}
          onChange={(event) => set({ key: event.currentTarget.value })}
        />
      ) : null}
    </>
  );
}
