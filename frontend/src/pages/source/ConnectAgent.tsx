import { Alert, Button, Group, Stack, Tabs, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "~/api/client";
import { tokensQuery } from "~/api/queries";
import type { Token, WantedToken } from "~/api/types";
import { Snippet } from "~/components/Snippet";
import { snippetsFor } from "~/pages/source/snippets";

export function ConnectAgent({ source }: { source: string }) {
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => {
      const wanted: WantedToken = { name: `agents of ${source}`, scopes: ["ingest"], source };
      return api.post<Token>("/tokens", wanted);
    },
    onSuccess: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const token = create.data?.secret ?? "$TOKEN";
  const snippets = snippetsFor({ origin: window.location.origin, source, token });
  return (
    <Stack gap="sm" mt="xl">
      <Group justify="space-between">
        <Title order={2}>Send lines to this source</Title>
        <Button
          variant="default"
          loading={create.isPending}
          disabled={create.isSuccess}
          onClick={() => create.mutate()}
        >
          {create.isSuccess ? "Token is in the snippets" : "Create a token for the snippets"}
        </Button>
      </Group>
      {create.isSuccess ? (
        <Alert color="yellow" variant="light" p="xs">
          This token is shown once, here. It may write to {source} and read nothing.
        </Alert>
      ) : (
        <Text size="sm" c="dimmed">
          An answer of 200 means the lines are on disk. Sending the same request twice stores it
          once.
        </Text>
      )}
      {create.isError ? (
        <Alert color="red" variant="light" role="alert">
          {create.error.message}
        </Alert>
      ) : null}
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List aria-label="Agent">
          {snippets.map((snippet) => (
            <Tabs.Tab key={snippet.id} value={snippet.id}>
              {snippet.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {snippets.map((snippet) => (
          <Tabs.Panel key={snippet.id} value={snippet.id} pt="sm">
            <Snippet text={snippet.text} label={`Lines for ${snippet.label}`} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}
