import { Badge } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { eventsQuery } from "~/api/reporting";
import type { AlertEvent } from "~/api/types";
import { useZone } from "~/app/preferences";
import { EmptyState } from "~/components/EmptyState";
import { PagedTable } from "~/components/PagedTable";
import table from "~/components/Table.module.css";
import { formatMinute } from "~/format/times";

export function History({ rule }: { rule?: number }) {
  const events = useInfiniteQuery(eventsQuery(rule));
  return (
    <PagedTable
      query={events}
      head={
        <>
          <th>When</th>
          <th>What</th>
          <th>Alert</th>
          <th>Group</th>
          <th>Found</th>
          <th>Told</th>
        </>
      }
      row={(event) => <EventRow key={event.id} event={event} />}
      empty={<EmptyState icon={IconHistory} title="Nothing has fired yet" />}
    />
  );
}

function EventRow({ event }: { event: AlertEvent }) {
  const [zone] = useZone();
  return (
    <tr>
      <td className="when">{formatMinute(event.time, zone)}</td>
      <td>
        <Badge variant="dot" color={event.state === "fired" ? "red" : "teal"}>
          {event.state}
        </Badge>
      </td>
      <td>
        <Link to="/alerts/$id" params={{ id: String(event.rule) }} className={table["name"]}>
          {event.name}
        </Link>
      </td>
      <td className="mono">{event.label || "–"}</td>
      <td>{event.sentence}</td>
      <td>{event.silenced_by === "" ? "yes" : `no: ${event.silenced_by}`}</td>
    </tr>
  );
}
