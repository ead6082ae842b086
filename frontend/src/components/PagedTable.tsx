import { Button, Group } from "@mantine/core";
import type { UseInfiniteQueryResult, InfiniteData } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ProblemState } from "~/components/ProblemState";
import table from "~/components/Table.module.css";
import { TableSkeleton } from "~/components/TableSkeleton";

interface Page<T> {
  results: T[];
  cursor: string | null;
}

interface Props<T> {
  query: UseInfiniteQueryResult<InfiniteData<Page<T>>>;
  head: ReactNode;
  row: (item: T) => ReactNode;
  empty: ReactNode;
}

/** A dense table of pages of rows: loading, failed, empty, and more on demand. */
export function PagedTable<T>({ query, head, row, empty }: Props<T>) {
  if (query.isPending) return <TableSkeleton rows={4} />;
  if (query.isError) {
    return <ProblemState error={query.error} onRetry={() => void query.refetch()} />;
  }
  const items = query.data.pages.flatMap((page) => page.results);
  if (items.length === 0) return <>{empty}</>;
  return (
    <>
      <div className={table["frame"]}>
        <table className={table["table"]}>
          <thead>
            <tr>{head}</tr>
          </thead>
          <tbody>{items.map((item) => row(item))}</tbody>
        </table>
      </div>
      {query.hasNextPage ? (
        <Group justify="center" mt="sm">
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            More
          </Button>
        </Group>
      ) : null}
    </>
  );
}
