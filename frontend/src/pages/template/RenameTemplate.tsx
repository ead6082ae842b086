import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useState } from "react";

import { useEdit, type Story } from "~/api/templates";

export function RenameTemplate({ story }: { story: Story }) {
  const edit = useEdit(story.source, story.id);
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const start = () => {
    edit.reset();
    setName(story.name);
    setOpen(true);
  };
  return (
    <>
      <Button variant="default" disabled={story.became !== ""} onClick={start}>
        Rename
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title="Name this template">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            edit.mutate({ kind: "rename", name }, { onSuccess: () => setOpen(false) });
          }}
        >
          <TextInput
            data-autofocus
            label="Name"
            description="Shown in patterns and facets; found by template:“name”. Empty: its text."
            maxLength={200}
            value={name}
            error={edit.isError ? edit.error.message : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end" mt="md">
            <Button type="submit" loading={edit.isPending}>
              Save the name
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  );
}
