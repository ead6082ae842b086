import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api } from "~/api/client";
import { sourcesQuery } from "~/api/queries";
import type { Source } from "~/api/types";
import { plural } from "~/format/numbers";

export function DeleteSource({ source }: { source: Source }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: () => api.delete(`/sources/${encodeURIComponent(source.name)}`),
    onSuccess: async () => {
      await navigate({ to: "/sources" });
      client.removeQueries({ queryKey: ["sources", source.name] });
      await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
    },
  });
  return (
    <Group mt="xl" justify="flex-end">
      <Button variant="subtle" color="red" onClick={() => setOpened(true)}>
        Delete this source
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={`Delete ${source.name}?`}>
        <Stack>
          <Text size="sm">
            {plural(source.lines, "line")}, the patterns and the tokens of this source are deleted
            for good.
          </Text>
          <TextInput
            label={`Type ${source.name} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={remove.error?.message}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="subtle" color="gray" onClick={() => setOpened(false)}>
              Cancel
            </Button>
            <Button
              color="red"
              disabled={typed !== source.name}
              loading={remove.isPending}
              onClick={() => remove.mutate()}
            >
              Delete source
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Group>
  );
}
