import { Group, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";

import { triageTasksQuery } from "~/api/triage";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { SourceSelect } from "~/components/SourceSelect";
import { TableSkeleton } from "~/components/TableSkeleton";
import { ReviewList } from "~/pages/triage/ReviewList";
import classes from "~/pages/triage/Triage.module.css";
import { TriageStatusPanel } from "~/pages/triage/TriageStatusPanel";

const route = getRouteApi("/triage");

/** What new patterns mean: the queue that waits for a person, and how well models do. */
export function TriagePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tasks = useQuery(triageTasksQuery);
  const asked = (tasks.data ?? []).filter(
    (task) => task.about === "template" && !task.explains,
  );
  const task = asked.find((one) => one.name === search.task) ?? asked[0];
  return (
    <Page
      title="Triage"
      lead="New patterns that no model is sure of. Each verdict is the answer at once, and teaches the next model."
      actions={
        <SourceSelect
          value={search.source}
          onChange={(source) => void navigate({ search: { ...search, source } })}
        />
      }
    >
      {tasks.isPending ? <TableSkeleton rows={8} /> : null}
      {tasks.isError ? (
        <ProblemState error={tasks.error} onRetry={() => void tasks.refetch()} />
      ) : null}
      {task ? (
        <>
          <Group mb="md">
            <SegmentedControl
              aria-label="Question"
              data={asked.map((one) => ({
                value: one.name,
                label: `${one.name} (${one.waiting})`,
              }))}
              value={task.name}
              onChange={(name) => void navigate({ search: { ...search, task: name } })}
            />
          </Group>
          <div className={classes["grid"]}>
            <ReviewList key={task.name} task={task} source={search.source} />
            <TriageStatusPanel task={task} />
          </div>
        </>
      ) : null}
    </Page>
  );
}
