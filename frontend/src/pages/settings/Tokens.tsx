import { ActionIcon, Button, Group, Text, Title, Tooltip } from "@mantine/core";
import { IconKey, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { tokensQuery } from "~/api/queries";
import type { Token } from "~/api/types";
import { useZone } from "~/app/preferences";
import { EmptyState } from "~/components/EmptyState";
import { ProblemState } from "~/components/ProblemState";
import table from "~/components/Table.module.css";
import { TableSkeleton } from "~/components/TableSkeleton";
import { formatMinute } from "~/format/times";
import { CreateToken } from "~/pages/settings/CreateToken";

export function Tokens() {
  const [creating, setCreating] = useState(false);
  const tokens = useQuery(tokensQuery);
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <div>
          <Title order={2}>Tokens</Title>
          <Text size="sm" c="dimmed">
            For agents and scripts. An ingest token writes and reads nothing; a read token cannot
            write.
          </Text>
        </div>
        <Button variant="default" onClick={() => setCreating(true)}>
          New token
        </Button>
      </Group>
      {tokens.isPending ? <TableSkeleton rows={2} /> : null}
      {tokens.isError ? (
        <ProblemState error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : null}
      {tokens.data?.length === 0 ? <EmptyState icon={IconKey} title="No tokens yet" /> : null}
      {tokens.data && tokens.data.length > 0 ? <TokenTable tokens={tokens.data} /> : null}
      <CreateToken opened={creating} onClose={() => setCreating(false)} />
    </section>
  );
}

function TokenTable({ tokens }: { tokens: Token[] }) {
  const [zone] = useZone();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: number) => api.delete(`/tokens/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  return (
    <div className={table["frame"]}>
      <table className={table["table"]}>
        <thead>
          <tr>
            <th>Name</th>
            <th>May</th>
            <th>Source</th>
            <th>Created</th>
            <th>Last used</th>
            <th aria-label="Delete" />
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <td>
                {token.name} <span className={`${table["faint"]} mono`}>{token.prefix}…</span>
              </td>
              <td>{token.scopes.join(", ")}</td>
              <td>{token.source ?? "all"}</td>
              <td className="when">{formatMinute(token.created, zone)}</td>
              <td className="when">
                {token.last_used ? formatMinute(token.last_used, zone) : "never"}
              </td>
              <td className={table["right"]}>
                <Tooltip label="Delete: agents that use it are refused at once">
                  <ActionIcon
                    color="red"
                    aria-label={`Delete token ${token.name}`}
                    onClick={() => remove.mutate(token.id)}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                </Tooltip>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
