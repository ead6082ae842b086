import { SegmentedControl, Stack, Text, Title } from "@mantine/core";

import { useZone } from "~/app/preferences";
import { Page } from "~/components/Page";
import { LanguageModel } from "~/pages/settings/LanguageModel";
import { Tokens } from "~/pages/settings/Tokens";

export function SettingsPage() {
  const [zone, setZone] = useZone();
  return (
    <Page title="Tokens and settings">
      <Stack gap="xl">
        <Tokens />
        <LanguageModel />
        <section>
          <Title order={2} mb={4}>
            Times
          </Title>
          <Text size="sm" c="dimmed" mb="xs">
            How this browser shows instants. Links always carry UTC.
          </Text>
          <SegmentedControl
            aria-label="Time zone"
            data={[
              { value: "utc", label: "UTC" },
              { value: "local", label: `Local: ${Intl.DateTimeFormat().resolvedOptions().timeZone}` },
            ]}
            value={zone}
            onChange={(value) => setZone(value)}
          />
        </section>
      </Stack>
    </Page>
  );
}
