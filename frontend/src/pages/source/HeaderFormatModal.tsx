import { Alert, Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { api } from "~/api/client";
import {
  headerFormatsQuery,
  headerPreviewQuery,
  sourcesQuery,
  type FormatChoice,
} from "~/api/queries";
import type { Source } from "~/api/types";
import { HeaderPreviewTable } from "~/pages/source/HeaderPreviewTable";

const OWN = "custom";
const AUTOMATIC = "auto";
const SETTLE_MS = 300;

export function HeaderFormatModal({ source, onClose }: { source: Source; onClose: () => void }) {
  const client = useQueryClient();
  const formats = useQuery(headerFormatsQuery).data ?? [];
  const [format, setFormat] = useState(source.format || AUTOMATIC);
  const [pattern, setPattern] = useState(source.pattern);
  // The same object until it changes: the debounce below looks at its identity.
  const choice = useMemo<FormatChoice>(
    () => (format === OWN ? { pattern } : { format }),
    [format, pattern],
  );
  const [settled] = useDebouncedValue(choice, SETTLE_MS);
  const preview = useQuery(headerPreviewQuery(source.name, settled));
  const save = useMutation({
    mutationFn: () => api.patch<Source>(`/sources/${encodeURIComponent(source.name)}`, choice),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
      onClose();
    },
  });
  const choose = (name: string | null) => {
    if (!name) return;
    setFormat(name);
    // A pattern of one's own begins as that of the format chosen before.
    const known = formats.find((item) => item.name === name);
    if (known) setPattern(known.pattern);
    if (name === AUTOMATIC && preview.data) setPattern(preview.data.pattern);
  };
  const problem = format === OWN && pattern === "" ? "Write a pattern" : preview.error?.message;
  return (
    <Modal opened onClose={onClose} title={`Header format of ${source.name}`} size="90rem">
      <Stack gap="sm">
        <Group align="flex-start" wrap="nowrap">
          <Select
            label="Format"
            w={240}
            searchable
            allowDeselect={false}
            data={options(formats.map((item) => item.name))}
            value={format}
            onChange={choose}
          />
          <TextInput
            label="Pattern"
            flex={1}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            spellCheck={false}
            maxLength={500}
            value={format === AUTOMATIC ? (preview.data?.pattern ?? "") : pattern}
            onChange={(event) => {
              setFormat(OWN);
              setPattern(event.currentTarget.value);
            }}
            error={problem}
          />
        </Group>
        <Text size="xs" c="dimmed">
          {"<time:%Y-%m-%d %H:%M:%S> the time, <level>, <component>, <NAME> any other field, {a|b} optional, <message> where the message begins. Edit a format’s pattern to make it your own."}
        </Text>
        {preview.data && !preview.isError ? <HeaderPreviewTable preview={preview.data} /> : null}
        <Alert color="gray" variant="light">
          Lines that come from now on are read by it. Records that are sealed stay as they were read.
        </Alert>
        {save.isError ? <Alert color="red">{save.error.message}</Alert> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button
            loading={save.isPending}
            disabled={Boolean(problem)}
            onClick={() => save.mutate()}
          >
            Use this format
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function options(names: string[]) {
  return [
    { value: AUTOMATIC, label: "Detect on the next lines" },
    { value: OWN, label: "A pattern of my own" },
    { group: "Known formats", items: names.map((name) => ({ value: name, label: name })) },
  ];
}
