import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { recordQuery } from "~/api/queries";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { RecordDetail } from "~/components/record/RecordDetail";
import { TableSkeleton } from "~/components/TableSkeleton";
import { toggleExclude, toggleInclude } from "~/query/clauses";

const route = getRouteApi("/records/$id");

/** One record by its permalink, with the lines around it. */
export function RecordPage() {
  const { id } = route.useParams();
  const navigate = useNavigate();
  const record = useQuery(recordQuery(id));
  const explore = (q: string) =>
    void navigate({ to: "/explore", search: { q, ...(record.data && { source: record.data.source }) } });
  return (
    <Page title="Record" lead={record.data ? `From ${record.data.source}` : undefined}>
      {record.isPending ? <TableSkeleton rows={6} /> : null}
      {record.isError ? (
        <ProblemState error={record.error} onRetry={() => void record.refetch()} />
      ) : null}
      {record.data ? (
        <RecordDetail
          key={record.data.id}
          hit={record.data}
          query=""
          contextOpen
          onInclude={(field, value) => explore(toggleInclude("", field, value))}
          onExclude={(field, value) => explore(toggleExclude("", field, value))}
        />
      ) : null}
    </Page>
  );
}
