import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";

import { planQuery } from "~/api/reporting";
import type { Plan, WantedPlan } from "~/api/types";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { TableSkeleton } from "~/components/TableSkeleton";
import { PlanForm, SECTIONS } from "~/pages/plan/PlanForm";
import { RunNow } from "~/pages/plan/RunNow";

const route = getRouteApi("/reports/plans/$id");

const EMPTY: WantedPlan = {
  name: "",
  cron: "0 7 * * *",
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  period: "day",
  sources: [],
  query: "",
  sections: SECTIONS.map((section) => section.value),
  channels: [],
  skip_unchanged: false,
  enabled: true,
};

export function PlanPage() {
  const { id } = route.useParams();
  if (id === "new") {
    return (
      <Page title="New report" lead="Save it, then look at a preview before anybody is sent one.">
        <PlanForm draft={EMPTY} id={null} />
      </Page>
    );
  }
  return <Stored id={id} />;
}

function Stored({ id }: { id: string }) {
  const plan = useQuery(planQuery(id));
  if (plan.isPending) return <TableSkeleton rows={4} />;
  if (plan.isError) return <ProblemState error={plan.error} onRetry={() => void plan.refetch()} />;
  return (
    <Page title={plan.data.name} lead="A planned report" actions={<RunNow id={plan.data.id} />}>
      <PlanForm key={plan.data.id} draft={draftOf(plan.data)} id={plan.data.id} />
    </Page>
  );
}

function draftOf(plan: Plan): WantedPlan {
  return {
    name: plan.name,
    cron: plan.cron,
    time_zone: plan.time_zone,
    period: plan.period,
    sources: plan.sources ?? [],
    query: plan.query,
    sections: plan.sections ?? [],
    channels: plan.channels ?? [],
    skip_unchanged: plan.skip_unchanged,
    enabled: plan.enabled,
  };
}
