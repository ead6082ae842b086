import {
  Alert,
  Button,
  Checkbox,
  Group,
  MultiSelect,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TextInput,
} from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";

import { api } from "~/api/client";
import { sourcesQuery } from "~/api/queries";
import { channelsQuery, reportingKey } from "~/api/reporting";
import type { Plan, WantedPlan } from "~/api/types";
import { ScheduleFields } from "~/pages/plan/ScheduleFields";

type SectionName = NonNullable<WantedPlan["sections"]>[number];
export type Change = (change: Partial<WantedPlan>) => void;

export const SECTIONS: { value: SectionName; label: string }[] = [
  { value: "summary", label: "Summary in sentences" },
  { value: "anomalies", label: "Anomalies with evidence" },
  { value: "severity", label: "Severity against the same weekday" },
  { value: "new_templates", label: "New patterns" },
  { value: "vanished_templates", label: "Vanished patterns" },
  { value: "movers", label: "Biggest movers" },
  { value: "variables", label: "Values that shifted" },
  { value: "gaps", label: "Gaps" },
  { value: "detectors", label: "How the detectors do" },
  { value: "storage", label: "Storage and ratio" },
];
const PERIODS: { value: WantedPlan["period"]; label: string }[] = [
  { value: "day", label: "the last whole day" },
  { value: "week", label: "the last seven days" },
  { value: "month", label: "the last calendar month" },
];

export function PlanForm({ draft, id }: { draft: WantedPlan; id: number | null }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [plan, setPlan] = useState(draft);
  const set: Change = (change) => setPlan({ ...plan, ...change });
  const save = useMutation({
    mutationFn: (body: WantedPlan) =>
      id === null ? api.post<Plan>("/report-plans", body) : api.put<Plan>(`/report-plans/${id}`, body),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: reportingKey });
      if (id === null) {
        await navigate({ to: "/reports/plans/$id", params: { id: String(saved.id) } });
      }
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate(plan);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md" maw={760}>
        <TextInput
          label="Name"
          required
          value={plan.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <ScheduleFields plan={plan} set={set} />
        <Select
          label="About"
          data={PERIODS}
          value={plan.period}
          allowDeselect={false}
          onChange={(period) => {
            if (period) set({ period });
          }}
        />
        <Scope plan={plan} set={set} />
        <Checkbox.Group
          label="Sections"
          value={plan.sections ?? []}
          onChange={(names) => set({ sections: names })}
        >
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" mt={6}>
            {SECTIONS.map(({ value, label }) => (
              <Checkbox key={value} size="sm" value={value} label={label} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
        <Switch
          label="Skip it when nothing has changed"
          checked={plan.skip_unchanged}
          onChange={(event) => set({ skip_unchanged: event.currentTarget.checked })}
        />
        <Switch
          label="Enabled"
          checked={plan.enabled}
          onChange={(event) => set({ enabled: event.currentTarget.checked })}
        />
        {save.isError ? (
          <Alert color="red" variant="light" role="alert">
            {save.error.message}
          </Alert>
        ) : null}
        <Group gap="sm">
          <Button size="sm" type="submit" loading={save.isPending}>
            Save report
          </Button>
          <span role="status">{save.isSuccess ? "Saved." : ""}</span>
        </Group>
      </Stack>
    </form>
  );
}

function Scope({ plan, set }: { plan: WantedPlan; set: Change }) {
  const sources = useQuery(sourcesQuery);
  const channels = useInfiniteQuery(channelsQuery);
  const known = (channels.data?.pages ?? []).flatMap((page) => page.results);
  return (
    <>
      <MultiSelect
        label="Sources"
        size="xs"
        placeholder={plan.sources?.length ? undefined : "All, also those to come"}
        data={(sources.data ?? []).map((source) => source.name)}
        value={plan.sources ?? []}
        onChange={(names) => set({ sources: names })}
      />
      <TextInput
        label="Only records that match"
        placeholder="level:>=warn; empty takes all"
        value={plan.query}
        onChange={(event) => set({ query: event.currentTarget.value })}
      />
      <MultiSelect
        label="Sent to"
        size="xs"
        placeholder={plan.channels?.length ? undefined : "nobody: it waits on its page"}
        data={known.map((channel) => ({ value: String(channel.id), label: channel.name }))}
        value={(plan.channels ?? []).map(String)}
        onChange={(ids) => set({ channels: ids.map(Number) })}
      />
    </>
  );
}
