import { Button, Group, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { api } from "~/api/client";
import type { Report } from "~/api/types";

/** A preview for the eyes here, or the report to all whom the plan names, at once. */
export function RunNow({ id }: { id: number }) {
  const navigate = useNavigate();
  const run = useMutation({
    mutationFn: (preview: boolean) => api.post<Report>(`/report-plans/${id}/run`, { preview }),
    onSuccess: (report) => navigate({ to: "/reports/$id", params: { id: report.id } }),
  });
  return (
    <Group gap="xs" wrap="nowrap">
      {run.isError ? (
        <Text size="sm" c="var(--lp-level-error)" role="alert">
          {run.error.message}
        </Text>
      ) : null}
      <Button
        variant="default"
        loading={run.isPending && !run.variables}
        onClick={() => run.mutate(false)}
      >
        Send now
      </Button>
      <Button loading={run.isPending && run.variables} onClick={() => run.mutate(true)}>
        Preview
      </Button>
    </Group>
  );
}
