import { Alert, Button, Group, Modal, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { api } from "~/api/client";
import { sourcesQuery, tokensQuery } from "~/api/queries";
import type { Token, WantedToken } from "~/api/types";
import { Snippet } from "~/components/Snippet";

const EMPTY: WantedToken = { name: "", scopes: ["ingest"], source: null };

export function CreateToken({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const [wanted, setWanted] = useState<WantedToken>(EMPTY);
  const sources = useQuery({ ...sourcesQuery, enabled: opened });
  const create = useMutation({
    mutationFn: (body: WantedToken) => api.post<Token>("/tokens", body),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const close = () => {
    onClose();
    create.reset();
    setWanted(EMPTY);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    create.mutate(wanted);
  };
  return (
    <Modal opened={opened} onClose={close} title={create.isSuccess ? "Token created" : "New token"}>
      {create.isSuccess ? (
        <Stack>
          <Alert color="yellow" variant="light">
            Copy it now: only its fingerprint is stored.
          </Alert>
          <Snippet text={create.data.secret ?? ""} label="The token" />
          <Group justify="flex-end">
            <Button onClick={close}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label="Name"
              description="Who uses it"
              size="sm"
              required
              data-autofocus
              value={wanted.name}
              onChange={(event) => setWanted({ ...wanted, name: event.currentTarget.value })}
              error={create.error?.message}
            />
            <SegmentedControl
              aria-label="What it may do"
              data={[
                { value: "ingest", label: "Ingest" },
                { value: "read", label: "Read" },
              ]}
              value={wanted.scopes[0] ?? "ingest"}
              onChange={(scope) => setWanted({ ...wanted, scopes: [scope] })}
            />
            <Select
              label="Source"
              size="sm"
              placeholder="All sources"
              clearable
              data={(sources.data ?? []).map((source) => source.name)}
              value={wanted.source ?? null}
              onChange={(source) => setWanted({ ...wanted, source })}
            />
            <Group justify="flex-end" gap="xs">
              <Button variant="subtle" color="gray" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending}>
                Create token
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
