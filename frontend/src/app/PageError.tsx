import { Button } from "@mantine/core";
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { IconCompass } from "@tabler/icons-react";

import { EmptyState } from "~/components/EmptyState";
import { ProblemState } from "~/components/ProblemState";

export function NotFound() {
  return (
    <EmptyState icon={IconCompass} title="There is no page here">
      <Button component={Link} to="/sources" variant="default">
        Go to sources
      </Button>
    </EmptyState>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return <ProblemState error={error} onRetry={retry} />;
}
