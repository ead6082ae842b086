import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";

import { ruleQuery } from "~/api/reporting";
import type { Rule, WantedRule } from "~/api/types";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { TableSkeleton } from "~/components/TableSkeleton";
import { History } from "~/pages/alerts/History";
import { RuleState } from "~/pages/alerts/Rules";
import { EMPTY_RULE } from "~/pages/alerts/words";
import { RuleForm } from "~/pages/rule/RuleForm";
import { Snooze } from "~/pages/rule/Snooze";

const route = getRouteApi("/alerts/$id");

export function RulePage() {
  const { id } = route.useParams();
  const search = route.useSearch();
  if (id === "new") {
    const draft: WantedRule = {
      ...EMPTY_RULE,
      query: search.q ?? "",
      sources: search.source ? [search.source] : [],
      name: search.q ?? "",
    };
    return (
      <Page title="New alert" lead="A search and a condition, tried against the last seven days.">
        <RuleForm draft={draft} id={null} />
      </Page>
    );
  }
  return <Stored id={id} snooze={search.snooze} />;
}

function Stored({ id, snooze }: { id: string; snooze: string | undefined }) {
  const rule = useQuery(ruleQuery(id));
  if (rule.isPending) return <TableSkeleton rows={4} />;
  if (rule.isError) return <ProblemState error={rule.error} onRetry={() => void rule.refetch()} />;
  return (
    <Page
      title={rule.data.name}
      lead="Judged each minute."
      actions={
        <>
          <RuleState rule={rule.data} />
          <Snooze rule={rule.data} asked={snooze} />
        </>
      }
    >
      <RuleForm key={rule.data.id} draft={draftOf(rule.data)} id={rule.data.id} />
      <h2>History</h2>
      <History rule={rule.data.id} />
    </Page>
  );
}

function draftOf(rule: Rule): WantedRule {
  const { name, kind, query, sources, condition, severity, channels } = rule;
  return {
    name,
    kind,
    query,
    sources,
    condition,
    severity,
    channels,
    group_by: rule.group_by as NonNullable<WantedRule["group_by"]>,
    cooldown_min: rule.cooldown_min,
    notify_recovery: rule.notify_recovery,
    enabled: rule.enabled,
  };
}
