import { Badge, Button, SegmentedControl } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";

import { api } from "~/api/client";
import { jobsQuery } from "~/api/queries";
import type { Job } from "~/api/types";
import { useZone } from "~/app/preferences";
import { EmptyState } from "~/components/EmptyState";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import table from "~/components/Table.module.css";
import { TableSkeleton } from "~/components/TableSkeleton";
import { formatDuration, formatInstant } from "~/format/times";

const route = getRouteApi("/jobs");
const STATES = ["all", "failed", "running", "queued", "done"];
const COLORS: Record<Job["state"], string> = {
  failed: "red",
  running: "indigo",
  queued: "gray",
  done: "gray",
};

export function JobsPage() {
  const { state = "all" } = route.useSearch();
  const navigate = route.useNavigate();
  const jobs = useQuery(jobsQuery(state));
  return (
    <Page
      title="Jobs"
      lead="Work on what was accepted: sealing batches into segments. A failed job loses no line."
      actions={
        <SegmentedControl
          data={STATES}
          value={state}
          aria-label="State"
          onChange={(next) => void navigate({ search: next === "all" ? {} : { state: next } })}
        />
      }
    >
      {jobs.isPending ? <TableSkeleton rows={6} /> : null}
      {jobs.isError ? (
        <ProblemState error={jobs.error} onRetry={() => void jobs.refetch()} />
      ) : null}
      {jobs.data?.length === 0 ? (
        <EmptyState
          icon={IconCircleCheck}
          title={state === "all" ? "No job has run yet" : `No ${state} jobs`}
        />
      ) : null}
      {jobs.data && jobs.data.length > 0 ? <JobTable jobs={jobs.data} /> : null}
    </Page>
  );
}

function JobTable({ jobs }: { jobs: Job[] }) {
  return (
    <div className={table["frame"]}>
      <table className={table["table"]}>
        <thead>
          <tr>
            <th>State</th>
            <th>Job</th>
            <th>Source</th>
            <th>Created</th>
            <th className={table["right"]}>Took</th>
            <th className={table["right"]}>Attempts</th>
            <th>Error</th>
            <th aria-label="Try again" />
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Retry({ id }: { id: number }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => api.post(`/jobs/${id}/retry`),
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={retry.isPending}
      onClick={() => retry.mutate()}
    >
      {retry.isError ? retry.error.message : "Try again"}
    </Button>
  );
}

function JobRow({ job }: { job: Job }) {
  const [zone] = useZone();
  const tookMs = job.finished ? Date.parse(job.finished) - Date.parse(job.created) : undefined;
  return (
    <tr>
      <td>
        <Badge variant="light" size="sm" color={COLORS[job.state]}>
          {job.state}
        </Badge>
      </td>
      <td>{job.kind}</td>
      <td>
        {job.source ? (
          <Link to="/sources/$name" params={{ name: job.source }} className={table["name"]}>
            {job.source}
          </Link>
        ) : null}
      </td>
      <td className="when">{formatInstant(job.created, zone)}</td>
      <td className={`${table["right"]} num`}>
        {tookMs === undefined ? "–" : formatDuration(tookMs)}
      </td>
      <td className={`${table["right"]} num`}>{job.attempts}</td>
      <td className="mono">{job.error}</td>
      <td>{job.state === "failed" ? <Retry id={job.id} /> : null}</td>
    </tr>
  );
}
