import { Button, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";

import type { Source } from "~/api/types";
import { HeaderFormatModal } from "~/pages/source/HeaderFormatModal";

/** How the lines of a source are read, and the way to change it. */
export function HeaderFormatPanel({ source }: { source: Source }) {
  const [opened, setOpened] = useState(false);
  return (
    <Stack gap="sm" mt="xl">
      <Group justify="space-between">
        <Title order={2}>Header format</Title>
        <Button variant="default" disabled={source.lines === 0} onClick={() => setOpened(true)}>
          Change format
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {sentence(source)}
      </Text>
      {source.pattern ? <Code block>{source.pattern}</Code> : null}
      {opened ? <HeaderFormatModal source={source} onClose={() => setOpened(false)} /> : null}
    </Stack>
  );
}

function sentence(source: Source): string {
  if (source.format === "") return "Detected on the first lines that come.";
  if (source.format === "none") {
    return "No header was found: each line is a record without time or level.";
  }
  if (source.format === "custom") return "A pattern of your own says where time and level stand.";
  return `The format “${source.format}” says where time, level and message stand.`;
}
