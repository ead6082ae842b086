import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { reportingKey } from "~/api/reporting";
import type { Rule } from "~/api/types";
import { useZone } from "~/app/preferences";
import { formatMinute } from "~/format/times";

const CHOICES = [
  { minutes: 60, label: "1 hour" },
  { minutes: 480, label: "8 hours" },
  { minutes: 1440, label: "1 day" },
  { minutes: 10_080, label: "1 week" },
];

/** A link in a message leads here with the menu open: whoever may, snoozes with one click. */
export function Snooze({ rule, asked }: { rule: Rule; asked: string | undefined }) {
  const client = useQueryClient();
  const [zone] = useZone();
  const [opened, setOpened] = useState(asked !== undefined);
  const snooze = useMutation({
    mutationFn: (minutes: number) => api.post(`/alerts/${rule.id}/snooze`, { minutes }),
    onSettled: () => client.invalidateQueries({ queryKey: reportingKey }),
  });
  const until = rule.snoozed_until;
  const active = until !== null;
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-end">
      <Menu.Target>
        <Button variant="default" loading={snooze.isPending}>
          {active ? `Snoozed until ${formatMinute(until, zone)}` : "Snooze"}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {CHOICES.map(({ minutes, label }) => (
          <Menu.Item key={minutes} onClick={() => snooze.mutate(minutes)}>
            {label}
          </Menu.Item>
        ))}
        {active ? <Menu.Item onClick={() => snooze.mutate(0)}>Wake it</Menu.Item> : null}
      </Menu.Dropdown>
    </Menu>
  );
}
