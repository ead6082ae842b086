import { Badge, Group, Text } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { channelsQuery, rulesQuery } from "~/api/reporting";
import type { Rule } from "~/api/types";
import { DeleteAction } from "~/components/DeleteAction";
import { EmptyState } from "~/components/EmptyState";
import { LinkButton } from "~/components/links";
import { PagedTable } from "~/components/PagedTable";
import table from "~/components/Table.module.css";
import { describeCondition, SEVERITY_COLORS } from "~/pages/alerts/words";

export function Rules() {
  const rules = useInfiniteQuery(rulesQuery);
  const channels = useInfiniteQuery(channelsQuery);
  const names = new Map(
    (channels.data?.pages ?? []).flatMap((page) => page.results).map((c) => [c.id, c.name]),
  );
  return (
    <PagedTable
      query={rules}
      head={
        <>
          <th>State</th>
          <th>Alert</th>
          <th>Fires when</th>
          <th>Search</th>
          <th>Sources</th>
          <th>Tells</th>
          <th aria-label="Delete" />
        </>
      }
      row={(rule) => <RuleRow key={rule.id} rule={rule} channels={names} />}
      empty={
        <EmptyState icon={IconBell} title="No alert yet">
          <Text size="sm" c="dimmed" maw={460} ta="center">
            Search for what must not happen, press the bell beside the query, and see how often it
            would have fired in the last seven days.
          </Text>
          <LinkButton to="/explore">Explore</LinkButton>
        </EmptyState>
      }
    />
  );
}

function RuleRow({ rule, channels }: { rule: Rule; channels: Map<number, string> }) {
  const tells = rule.channels.map((id) => channels.get(id) ?? `#${id}`).join(", ");
  return (
    <tr>
      <td>
        <RuleState rule={rule} />
      </td>
      <td>
        <Group gap={8} wrap="nowrap">
          <Link to="/alerts/$id" params={{ id: String(rule.id) }} className={table["name"]}>
            {rule.name}
          </Link>
          <Badge size="sm" variant="dot" color={SEVERITY_COLORS[rule.severity]}>
            {rule.severity}
          </Badge>
        </Group>
        {rule.error ? (
          <Text size="xs" c="var(--lp-level-error)">
            {rule.error}
          </Text>
        ) : null}
      </td>
      <td>{describeCondition(rule.kind, rule.condition)}</td>
      <td className="mono">{rule.query || "*"}</td>
      <td>{rule.sources.length > 0 ? rule.sources.join(", ") : "all"}</td>
      <td>{tells || <span className={table["faint"]}>nobody</span>}</td>
      <td>
        <DeleteAction
          path={`/alerts/${rule.id}`}
          name={rule.name}
          what="The alert and its history are deleted."
        />
      </td>
    </tr>
  );
}

export function RuleState({ rule }: { rule: Rule }) {
  if (!rule.enabled) return <Badge color="gray" variant="dot">off</Badge>;
  if (rule.firing.length > 0) {
    return (
      <Badge color="red" variant="dot">
        {rule.firing.length > 1 ? `firing: ${rule.firing.length}` : "firing"}
      </Badge>
    );
  }
  if (rule.snoozed_until !== null) return <Badge color="gray" variant="dot">snoozed</Badge>;
  if (rule.error) return <Badge color="yellow" variant="dot">not judged</Badge>;
  return <Badge color="teal" variant="dot">calm</Badge>;
}
