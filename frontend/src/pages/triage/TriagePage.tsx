import { Group, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";

import { triageTasksQuery, type TriageTask } from "~/api/triage";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { SourceSelect } from "~/components/SourceSelect";
import { TableSkeleton } from "~/components/TableSkeleton";
import { Cases } from "~/pages/triage/Cases";
import { ReviewList } from "~/pages/triage/ReviewList";
import { TaskForm } from "~/pages/triage/TaskForm";
import classes from "~/pages/triage/Triage.module.css";
import { TriageStatusPanel } from "~/pages/triage/TriageStatusPanel";
import { questionLabel } from "~/text/answers";

const route = getRouteApi("/triage");

const VIEWS = [
  { value: "review", label: "Review" },
  { value: "cases", label: "Cases" },
  { value: "labels", label: "Labels" },
];

/** What new patterns mean: the queue that waits for a person, and how well models do. */
export function TriagePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tasks = useQuery(triageTasksQuery);
  // Explanations of templates are asked for by people; the severity of an anomaly has one too.
  const asked = (tasks.data ?? []).filter((task) => task.about === "anomaly" || !task.explains);
  const task = asked.find((one) => one.name === search.task) ?? asked[0];
  const view = VIEWS.find((one) => one.value === search.view)?.value ?? "review";
  return (
    <Page
      title="Triage"
      lead="New patterns, and patterns of anomalies, that no model is sure of. Each verdict is the answer at once, and teaches the next model."
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
                label: `${questionLabel(one.name)} (${one.waiting})`,
              }))}
              value={task.name}
              onChange={(name) => void navigate({ search: { ...search, task: name } })}
            />
            <SegmentedControl
              aria-label="View"
              data={VIEWS}
              value={view}
              onChange={(next) => void navigate({ search: { ...search, view: next } })}
            />
          </Group>
          <div className={classes["grid"]}>
            <View key={`${task.name} ${view}`} view={view} task={task} source={search.source} />
            <TriageStatusPanel task={task} />
          </div>
        </>
      ) : null}
    </Page>
  );
}

interface ViewProps {
  view: string;
  task: TriageTask;
  source: string | undefined;
}

function View({ view, task, source }: ViewProps) {
  if (view === "cases") return <Cases task={task} />;
  if (view === "labels") return <TaskForm task={task} />;
  return <ReviewList task={task} source={source} />;
}
