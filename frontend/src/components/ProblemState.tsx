import { Button, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { ApiError } from "~/api/client";
import { EmptyState } from "~/components/EmptyState";

interface Props {
  error: Error;
  onRetry?: () => void;
}

/** What went wrong in the server's words, and the one thing to do about it. */
export function ProblemState({ error, onRetry }: Props) {
  const title = error instanceof ApiError ? error.problem.title : "This page failed to load";
  const detail = error instanceof ApiError ? error.problem.detail : error.message;
  return (
    <div role="alert">
      <EmptyState icon={IconAlertTriangle} title={title} tone="error">
        {detail && detail !== title ? (
          <Text size="sm" c="dimmed" maw={560}>
            {detail}
          </Text>
        ) : null}
        {onRetry ? (
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        ) : null}
      </EmptyState>
    </div>
  );
}
