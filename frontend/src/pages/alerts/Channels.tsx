import { Badge, Button, Group, Text } from "@mantine/core";
import { IconPlus, IconSend } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { channelsQuery } from "~/api/reporting";
import type { Channel, TestResult } from "~/api/types";
import { DeleteAction } from "~/components/DeleteAction";
import { EmptyState } from "~/components/EmptyState";
import { PagedTable } from "~/components/PagedTable";
import table from "~/components/Table.module.css";
import { ChannelForm } from "~/pages/alerts/ChannelForm";

export function Channels() {
  const channels = useInfiniteQuery(channelsQuery);
  const [edited, setEdited] = useState<Channel | "new" | null>(null);
  return (
    <>
      <Group mb="sm">
        <Button
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setEdited("new")}
        >
          New channel
        </Button>
      </Group>
      <PagedTable
        query={channels}
        head={
          <>
            <th>Channel</th>
            <th>Kind</th>
            <th>Goes to</th>
            <th>Test</th>
            <th aria-label="Delete" />
          </>
        }
        row={(channel) => (
          <ChannelRow key={channel.id} channel={channel} onEdit={() => setEdited(channel)} />
        )}
        empty={<EmptyState icon={IconSend} title="No channel yet" />}
      />
      <ChannelForm
        key={edited === null || edited === "new" ? "new" : edited.id}
        channel={edited === "new" ? null : edited}
        opened={edited !== null}
        onClose={() => setEdited(null)}
      />
    </>
  );
}

function ChannelRow({ channel, onEdit }: { channel: Channel; onEdit: () => void }) {
  return (
    <tr>
      <td>
        <button type="button" className={table["link"]} onClick={onEdit}>
          {channel.name}
        </button>
      </td>
      <td>
        <Group gap={6}>
          {channel.kind}
          {channel.enabled ? null : <Badge color="gray" variant="dot">off</Badge>}
          {channel.signed ? <Badge variant="dot">signed</Badge> : null}
        </Group>
      </td>
      <td>{channel.recipients.join(", ") || channel.host || "events.pagerduty.com"}</td>
      <td>
        <Test channel={channel} />
      </td>
      <td>
        <DeleteAction
          path={`/channels/${channel.id}`}
          name={channel.name}
          what="Nothing is sent there any more; the log of its deliveries is deleted."
        />
      </td>
    </tr>
  );
}

function Test({ channel }: { channel: Channel }) {
  const test = useMutation({
    mutationFn: () => api.post<TestResult>(`/channels/${channel.id}/test`),
  });
  return (
    <Group gap="sm" wrap="nowrap">
      <Button
        size="compact-xs"
        variant="default"
        loading={test.isPending}
        aria-label={`Test ${channel.name}`}
        onClick={() => test.mutate()}
      >
        Test
      </Button>
      <Text
        size="sm"
        role="status"
        c={test.data?.ok ? "var(--lp-level-debug)" : "var(--lp-level-error)"}
      >
        {test.isError ? test.error.message : null}
        {test.data ? `${test.data.answer} in ${test.data.elapsed_ms} ms` : null}
      </Text>
    </Group>
  );
}
