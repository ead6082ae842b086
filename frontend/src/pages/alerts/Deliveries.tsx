import { Badge, Button, Text } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "~/api/client";
import { deliveriesQuery, reportingKey } from "~/api/reporting";
import type { Delivery } from "~/api/types";
import { useZone } from "~/app/preferences";
import { EmptyState } from "~/components/EmptyState";
import { PagedTable } from "~/components/PagedTable";
import { formatInstant } from "~/format/times";

const COLORS: Record<Delivery["state"], string> = {
  queued: "gray",
  sending: "indigo",
  sent: "teal",
  dead: "red",
};

export function Deliveries() {
  const deliveries = useInfiniteQuery(deliveriesQuery);
  return (
    <PagedTable
      query={deliveries}
      head={
        <>
          <th>State</th>
          <th>Channel</th>
          <th>Message</th>
          <th>Created</th>
          <th>Last answer</th>
          <th aria-label="Try again" />
        </>
      }
      row={(delivery) => <DeliveryRow key={delivery.id} delivery={delivery} />}
      empty={<EmptyState icon={IconSend} title="Nothing was sent yet" />}
    />
  );
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const [zone] = useZone();
  const last = delivery.tries.at(-1);
  return (
    <tr>
      <td>
        <Badge variant="dot" color={COLORS[delivery.state]}>
          {delivery.state}
        </Badge>
      </td>
      <td>{delivery.channel}</td>
      <td>{delivery.title}</td>
      <td className="when">{formatInstant(delivery.created, zone)}</td>
      <td>
        {last ? `${last.answer} (${last.elapsed_ms} ms)` : "not tried yet"}
        {delivery.tries.length > 1 ? (
          <Text size="xs" c="dimmed">
            {delivery.tries.length} tries
            {delivery.next_try ? `, next ${formatInstant(delivery.next_try, zone)}` : ""}
          </Text>
        ) : null}
      </td>
      <td>{delivery.state === "dead" ? <Revive id={delivery.id} /> : null}</td>
    </tr>
  );
}

function Revive({ id }: { id: string }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => api.post(`/deliveries/${id}/retry`),
    onSettled: () => client.invalidateQueries({ queryKey: reportingKey }),
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={retry.isPending}
      onClick={() => retry.mutate()}
    >
      {retry.isError ? retry.error.message : "Try again"}
    </Button>
  );
}
