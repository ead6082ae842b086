import { Button, Checkbox, Group, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { useEdit } from "~/api/templates";
import type { Pattern } from "~/api/types";
import { plural } from "~/format/numbers";

interface Props {
  chosen: Pattern[];
  onDone: () => void;
}

/** What to do with the patterns that are chosen: make them one. The first one keeps its id. */
export function MergeBar({ chosen, onDone }: Props) {
  const first = chosen[0];
  return first ? <Bar first={first} chosen={chosen} onDone={onDone} /> : null;
}

function Bar({ first, chosen, onDone }: Props & { first: Pattern }) {
  const navigate = useNavigate();
  const edit = useEdit(first.source, first.id);
  const [generalise, setGeneralise] = useState(true);
  const others = chosen.slice(1).map((pattern) => pattern.id);
  const isOne = chosen.every((pattern) => pattern.source === first.source);
  const merge = () =>
    edit.mutate(
      { kind: "merge", others, generalise },
      {
        onSuccess: () => {
          onDone();
          void navigate({
            to: "/templates/$source/$id",
            params: { source: first.source, id: first.id },
          });
        },
      },
    );
  return (
    <Group gap="md" mb="xs" role="group" aria-label="Merge patterns">
      <Text size="sm">{plural(chosen.length, "pattern")} chosen</Text>
      <Checkbox
        size="xs"
        label="Put a variable where their words differ"
        checked={generalise}
        onChange={(event) => setGeneralise(event.currentTarget.checked)}
      />
      <Button
        size="xs"
        disabled={others.length === 0 || !isOne}
        loading={edit.isPending}
        onClick={merge}
      >
        Merge into one
      </Button>
      <Button size="xs" variant="default" onClick={onDone}>
        Choose none
      </Button>
      {isOne ? null : (
        <Text size="sm" c="dimmed">
          Only patterns of one source can be merged.
        </Text>
      )}
      {edit.isError ? (
        <Text size="sm" c="red" role="alert">
          {edit.error.message}
        </Text>
      ) : null}
    </Group>
  );
}

export function toggled(chosen: Pattern[], one: Pattern): Pattern[] {
  const rest = chosen.filter((other) => other.id !== one.id || other.source !== one.source);
  return rest.length < chosen.length ? rest : [...chosen, one];
}
