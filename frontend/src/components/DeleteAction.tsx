import { ActionIcon, Button, Group, Popover, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "~/api/client";
import { reportingKey } from "~/api/reporting";

interface Props {
  path: string;
  name: string;
  what: string;
}

/** A bin that asks once, beside itself. */
export function DeleteAction({ path, name, what }: Props) {
  const client = useQueryClient();
  const [opened, setOpened] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.delete(path),
    onSuccess: () => client.invalidateQueries({ queryKey: reportingKey }),
  });
  return (
    <Popover opened={opened} onChange={setOpened} position="left" trapFocus shadow="md">
      <Popover.Target>
        <ActionIcon aria-label={`Delete ${name}`} onClick={() => setOpened(true)}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text size="sm">{remove.error?.message ?? what}</Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="subtle" color="gray" onClick={() => setOpened(false)}>
              Cancel
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              Delete
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
