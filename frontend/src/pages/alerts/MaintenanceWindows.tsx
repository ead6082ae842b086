import { Alert, Badge, Button, Group, NumberInput, TextInput } from "@mantine/core";
import { IconTool } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { api } from "~/api/client";
import { maintenanceQuery, reportingKey } from "~/api/reporting";
import type { Maintenance } from "~/api/types";
import { useZone } from "~/app/preferences";
import { DeleteAction } from "~/components/DeleteAction";
import { EmptyState } from "~/components/EmptyState";
import { PagedTable } from "~/components/PagedTable";
import { formatMinute } from "~/format/times";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const MINUTE_MS = 60_000;

export function MaintenanceWindows() {
  const windows = useInfiniteQuery(maintenanceQuery);
  return (
    <>
      <NewWindow />
      <PagedTable
        query={windows}
        head={
          <>
            <th>Name</th>
            <th>When</th>
            <th>Now</th>
            <th aria-label="Delete" />
          </>
        }
        row={(window) => <WindowRow key={window.id} window={window} />}
        empty={<EmptyState icon={IconTool} title="No maintenance is planned" />}
      />
    </>
  );
}

function WindowRow({ window }: { window: Maintenance }) {
  const [zone] = useZone();
  const when =
    window.start && window.end
      ? `${formatMinute(window.start, zone)} to ${formatMinute(window.end, zone)}`
      : `${window.minutes} min from each ${window.cron} (${window.time_zone})`;
  return (
    <tr>
      <td>{window.name}</td>
      <td>{when}</td>
      <td>{window.open ? <Badge color="yellow" variant="dot">open</Badge> : null}</td>
      <td>
        <DeleteAction
          path={`/alerts/maintenance/${window.id}`}
          name={window.name}
          what="Alerts are told again."
        />
      </td>
    </tr>
  );
}

function NewWindow() {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [minutes, setMinutes] = useState(60);
  const [cron, setCron] = useState("");
  const create = useMutation({
    mutationFn: () => {
      const start = new Date();
      const end = new Date(start.getTime() + minutes * MINUTE_MS);
      const once = { name, start: start.toISOString(), end: end.toISOString() };
      return api.post("/alerts/maintenance", cron ? { name, cron, minutes, time_zone: ZONE } : once);
    },
    onSuccess: async () => {
      setName("");
      await client.invalidateQueries({ queryKey: reportingKey });
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" mb="md">
        <TextInput
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NumberInput
          label="Minutes"
          size="xs"
          w={110}
          min={1}
          value={minutes}
          onChange={(value) => setMinutes(Number(value))}
        />
        <TextInput
          label={`Each (cron, ${ZONE})`}
          placeholder="now, once"
          value={cron}
          onChange={(event) => setCron(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={create.isPending}>
          Begin maintenance
        </Button>
      </Group>
      {create.isError ? (
        <Alert color="red" variant="light" role="alert" mb="md">
          {create.error.message}
        </Alert>
      ) : null}
    </form>
  );
}
