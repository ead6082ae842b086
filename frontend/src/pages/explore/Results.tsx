import { Button, Skeleton, Text } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { ApiError } from "~/api/client";
import { sourcesQuery } from "~/api/queries";
import { EmptyState } from "~/components/EmptyState";
import { LinkButton } from "~/components/links";
import { ProblemState } from "~/components/ProblemState";
import type { HitPages } from "~/pages/explore/hitPages";
import { LogTable } from "~/pages/explore/LogTable";
import classes from "~/pages/explore/Results.module.css";
import type { Explore } from "~/pages/explore/useExplore";

interface Props {
  explore: Explore;
  search: HitPages;
}

export function Results({ explore, search }: Props) {
  const hits = useMemo(() => search.data?.pages.flatMap((page) => page.hits) ?? [], [search.data]);
  if (search.isPending) return <RowsToCome busy={search.isFetching} onRun={search.refetch} />;
  if (search.isError && hits.length === 0) {
    // A fault in the query is shown at its place, under the query bar.
    if (search.error instanceof ApiError && search.error.problem.position !== undefined) {
      return <Nothing title="The query could not be read" />;
    }
    return <ProblemState error={search.error} onRetry={() => void search.refetch()} />;
  }
  if (hits.length === 0) return <NoHits explore={explore} />;
  return (
    <LogTable
      explore={explore}
      hits={hits}
      search={search}
      withSource={explore.search.source === undefined}
    />
  );
}

interface RowsToComeProps {
  busy: boolean;
  onRun: () => unknown;
}

function RowsToCome({ busy, onRun }: RowsToComeProps) {
  if (!busy) {
    return (
      <Nothing title="The search was stopped">
        <Button variant="default" onClick={onRun}>
          Search again
        </Button>
      </Nothing>
    );
  }
  return (
    <div className={classes["skeleton"]} aria-busy="true" aria-label="Searching">
      {Array.from({ length: 14 }, (_, index) => (
        <Skeleton key={index} height={12} width={`${55 + ((index * 37) % 42)}%`} radius="xs" />
      ))}
    </div>
  );
}

function Nothing({ title, children }: { title: string; children?: React.ReactNode }) {
  return (
    <div className={classes["state"]}>
      <EmptyState icon={IconSearchOff} title={title}>
        {children}
      </EmptyState>
    </div>
  );
}

/** Nothing found: say why that may be, and offer the step that most likely helps. */
function NoHits({ explore }: { explore: Explore }) {
  const sources = useQuery(sourcesQuery);
  const { from, to } = explore.range;
  if (sources.data?.every((source) => source.lines === 0)) {
    return (
      <Nothing title="There are no lines yet">
        <LinkButton to="/sources">
          Add the first ones
        </LinkButton>
      </Nothing>
    );
  }
  return (
    <Nothing title="No record matches">
      <Text size="sm" c="dimmed" maw={460}>
        Text is matched with its case, anywhere in the record. <code>i:&quot;…&quot;</code> ignores
        case, <code>location:10.0.0.*</code> matches part of a variable.
      </Text>
      {from || to ? (
        <Button variant="default" onClick={() => explore.setRange({})}>
          Search all time
        </Button>
      ) : null}
      {explore.query ? (
        <Button variant="subtle" onClick={() => explore.run("")}>
          Clear the query
        </Button>
      ) : null}
    </Nothing>
  );
}
