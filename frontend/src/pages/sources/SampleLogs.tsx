import { Button, Group, Text, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { api } from "~/api/client";
import { samplesQuery, sourcesQuery } from "~/api/queries";
import type { Sample, SampleResult } from "~/api/types";
import { formatBytes, plural } from "~/format/numbers";

export function SampleButtons({ present }: { present: string[] }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const samples = useQuery(samplesQuery);
  const load = useMutation({
    mutationFn: (name: string) => api.post<SampleResult>(`/samples/${encodeURIComponent(name)}`),
    onSuccess: async ({ source }) => {
      await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
      await navigate({ to: "/patterns", search: { source } });
    },
    onError: (error) =>
      notifications.show({ color: "red", title: "Not loaded", message: error.message }),
  });
  const missing = (samples.data ?? []).filter((sample) => !present.includes(sample.name));
  return (
    <Group gap="xs">
      {missing.map((sample) => (
        <Tooltip key={sample.name} label={describe(sample)} multiline maw={320}>
          <Button
            variant="default"
            loading={load.isPending && load.variables === sample.name}
            disabled={load.isPending}
            onClick={() => load.mutate(sample.name)}
          >
            {sample.title || sample.name}
          </Button>
        </Tooltip>
      ))}
    </Group>
  );
}

function describe(sample: Sample): string {
  const size = `${plural(sample.lines, "line")}, ${formatBytes(sample.bytes)}`;
  return sample.description === "" ? size : `${sample.description} · ${size}`;
}

export function SampleLogs({ present }: { present: string[] }) {
  const samples = useQuery(samplesQuery);
  if (!samples.data?.some((sample) => !present.includes(sample.name))) return null;
  return (
    <Group mt="lg" gap="sm">
      <Text size="sm" c="dimmed">
        Sample logs
      </Text>
      <SampleButtons present={present} />
    </Group>
  );
}
