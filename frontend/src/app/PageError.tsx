import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { IconCompass } from "@tabler/icons-react";

import { EmptyState } from "~/components/EmptyState";
import { LinkButton } from "~/components/links";
import { ProblemState } from "~/components/ProblemState";

export function NotFound() {
  return (
    <EmptyState icon={IconCompass} title="There is no page here">
      <LinkButton to="/sources" variant="default">
        Go to sources
      </LinkButton>
    </EmptyState>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return <ProblemState error={error instanceof Error ? error : new Error(String(error))} onRetry={retry} />;
}
