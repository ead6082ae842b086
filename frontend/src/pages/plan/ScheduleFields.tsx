import { Group, Select, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { timesQuery } from "~/api/reporting";
import type { WantedPlan } from "~/api/types";
import type { Change } from "~/pages/plan/PlanForm";
import { readCron, WEEKDAYS, writeCron, type Choice } from "~/pages/plan/schedule";

const EVERY = [
  { value: "day", label: "every day" },
  { value: "weekdays", label: "Monday to Friday" },
  { value: "week", label: "every week" },
  { value: "month", label: "every month, on the first" },
  { value: "cron", label: "cron expression" },
];
const SETTLE_MS = 300;
const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")];

export function ScheduleFields({ plan, set }: { plan: WantedPlan; set: Change }) {
  const [choice, setChoice] = useState(() => readCron(plan.cron));
  const choose = (change: Partial<Choice>) => {
    const next = { ...choice, ...change };
    setChoice(next);
    if (next.every !== "cron") set({ cron: writeCron(next) });
  };
  return (
    <>
      <Group align="flex-end" gap="sm">
        <Select
          label="Made"
          w={200}
          data={EVERY}
          value={choice.every}
          allowDeselect={false}
          onChange={(every) => choose({ every: every as Choice["every"] })}
        />
        {choice.every === "week" ? (
          <Select
            label="On"
            w={130}
            data={WEEKDAYS}
            value={choice.weekday}
            allowDeselect={false}
            onChange={(weekday) => choose({ weekday: weekday ?? "1" })}
          />
        ) : null}
        {choice.every === "cron" ? (
          <TextInput
            label="Cron"
            w={170}
            value={plan.cron}
            onChange={(event) => set({ cron: event.currentTarget.value })}
          />
        ) : (
          <TextInput
            label="At"
            type="time"
            w={110}
            value={choice.at}
            onChange={(event) => choose({ at: event.currentTarget.value })}
          />
        )}
        <Select
          label="Time zone"
          w={220}
          searchable
          limit={50}
          data={[...new Set([plan.time_zone, ...ZONES])]}
          value={plan.time_zone}
          allowDeselect={false}
          onChange={(zone) => set({ time_zone: zone ?? "UTC" })}
        />
      </Group>
      <NextTimes cron={plan.cron} zone={plan.time_zone} />
    </>
  );
}

function NextTimes({ cron, zone }: { cron: string; zone: string }) {
  const [settled] = useDebouncedValue(cron, SETTLE_MS);
  const times = useQuery(timesQuery(settled, zone));
  if (times.isError) {
    return (
      <Text size="xs" c="var(--lp-level-error)" role="alert">
        {times.error.message}
      </Text>
    );
  }
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  const shown = (times.data?.times ?? []).slice(0, 3).map((time) => format.format(new Date(time)));
  return (
    <Text size="xs" c="dimmed">
      Next: {shown.join(" · ") || "…"}
    </Text>
  );
}
