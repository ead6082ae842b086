import {
  Alert,
  Button,
  Group,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";

import { api } from "~/api/client";
import { sourcesQuery } from "~/api/queries";
import { channelsQuery, reportingKey } from "~/api/reporting";
import type { Rule, WantedRule } from "~/api/types";
import { KINDS } from "~/pages/alerts/words";
import { BacktestPanel } from "~/pages/rule/BacktestPanel";
import { ConditionFields } from "~/pages/rule/ConditionFields";
import classes from "~/pages/rule/RuleForm.module.css";

export type Change = (change: Partial<WantedRule>) => void;

const SEVERITIES = ["info", "warning", "critical"];
const GROUPS: { value: WantedRule["group_by"]; label: string }[] = [
  { value: "", label: "All together" },
  { value: "source", label: "Each source" },
  { value: "template", label: "Each pattern" },
];

export function RuleForm({ draft, id }: { draft: WantedRule; id: number | null }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [rule, setRule] = useState(draft);
  const set: Change = (change) => setRule({ ...rule, ...change });
  const save = useMutation({
    mutationFn: (body: WantedRule) =>
      id === null ? api.post<Rule>("/alerts", body) : api.put<Rule>(`/alerts/${id}`, body),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: reportingKey });
      await navigate({ to: "/alerts" });
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate(rule);
  };
  const kind = KINDS.find((item) => item.value === rule.kind);
  return (
    <form onSubmit={submit} className={classes["root"]}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          value={rule.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <TextInput
          label="Search"
          description={
            rule.kind === "anomaly"
              ? "Anomalies are chosen by source, kind and score, not by a search"
              : "As in Explore; empty takes every record"
          }
          disabled={rule.kind === "anomaly"}
          classNames={{ input: classes["query"] ?? "" }}
          placeholder="level:>=error"
          value={rule.query}
          onChange={(event) => set({ query: event.currentTarget.value })}
        />
        <SourcesField rule={rule} set={set} />
        <div>
          <Text size="sm" fw={500} mb={4} id="watches">
            Watches
          </Text>
          <SegmentedControl
            aria-labelledby="watches"
            fullWidth
            data={KINDS.map(({ value, label }) => ({ value, label }))}
            value={rule.kind}
            onChange={(value) => set(value === "anomaly" ? { kind: value, query: "" } : { kind: value })}
          />
          <Text size="xs" c="dimmed" mt={4}>
            Fires at {kind?.help}.
          </Text>
        </div>
        <ConditionFields rule={rule} set={set} />
        {rule.kind === "count" || rule.kind === "rate" ? (
          <SegmentedControl
            aria-label="Counted"
            data={GROUPS}
            value={rule.group_by}
            onChange={(value) => set({ group_by: value })}
          />
        ) : null}
        <Telling rule={rule} set={set} />
        {save.isError ? (
          <Alert color="red" variant="light" role="alert">
            {save.error.message}
          </Alert>
        ) : null}
        <Group gap="xs">
          <Button size="sm" type="submit" loading={save.isPending}>
            Save alert
          </Button>
          <Switch
            label="Enabled"
            checked={rule.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
          />
        </Group>
      </Stack>
      <BacktestPanel rule={rule} />
    </form>
  );
}

function SourcesField({ rule, set }: { rule: WantedRule; set: Change }) {
  const sources = useQuery(sourcesQuery);
  return (
    <MultiSelect
      label="Sources"
      size="xs"
      placeholder={rule.sources?.length ? undefined : "All, also those to come"}
      data={(sources.data ?? []).map((source) => source.name)}
      value={rule.sources ?? []}
      onChange={(names) => set({ sources: names })}
      clearable
      clearButtonProps={{ "aria-label": "All sources" }}
    />
  );
}

function Telling({ rule, set }: { rule: WantedRule; set: Change }) {
  const channels = useInfiniteQuery(channelsQuery);
  const known = (channels.data?.pages ?? []).flatMap((page) => page.results);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <MultiSelect
        label="Tells"
        size="xs"
        placeholder={rule.channels?.length ? undefined : "nobody yet"}
        data={known.map((channel) => ({ value: String(channel.id), label: channel.name }))}
        value={(rule.channels ?? []).map(String)}
        onChange={(ids) => set({ channels: ids.map(Number) })}
      />
      <div>
        <Text size="sm" fw={500} mb={2} id="severity">
          Severity
        </Text>
        <SegmentedControl
          aria-labelledby="severity"
          data={SEVERITIES}
          value={rule.severity}
          onChange={(value) => set({ severity: value as Rule["severity"] })}
        />
      </div>
      <NumberInput
        label="Cooldown, minutes"
        description="Silent when it fires again sooner"
        size="xs"
        min={0}
        value={rule.cooldown_min}
        onChange={(value) => set({ cooldown_min: Number(value) })}
      />
      <Switch
        mt="xl"
        label="Tell when it is over"
        checked={rule.notify_recovery}
        onChange={(event) => set({ notify_recovery: event.currentTarget.checked })}
      />
    </SimpleGrid>
  );
}
