import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";

import { api } from "~/api/client";
import { sourcesQuery } from "~/api/queries";
import type { Source } from "~/api/types";

export function CreateSource({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: (wanted: string) => api.post<Source>("/sources", { name: wanted }),
    onSuccess: async (source) => {
      await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
      onClose();
      setName("");
      await navigate({ to: "/sources/$name", params: { name: source.name } });
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    create.mutate(name.trim());
  };
  return (
    <Modal opened={opened} onClose={onClose} title="New source">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Name"
            description="One for each application or log file: web-access, checkout, hdfs"
            size="sm"
            required
            data-autofocus
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={create.error?.message}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="subtle" color="gray" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={name.trim() === ""}>
              Create source
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
