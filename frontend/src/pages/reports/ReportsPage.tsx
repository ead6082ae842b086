import { Badge, Text, Title } from "@mantine/core";
import { IconPlus, IconReport } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { plansQuery, reportsQuery } from "~/api/reporting";
import type { Plan, Report } from "~/api/types";
import { useZone } from "~/app/preferences";
import { DeleteAction } from "~/components/DeleteAction";
import { EmptyState } from "~/components/EmptyState";
import { LinkButton } from "~/components/links";
import { Page } from "~/components/Page";
import { PagedTable } from "~/components/PagedTable";
import table from "~/components/Table.module.css";
import { formatMinute } from "~/format/times";
import { describeCron } from "~/pages/plan/schedule";

const COLORS: Record<Report["state"], string> = {
  queued: "indigo",
  ready: "teal",
  skipped: "gray",
  failed: "red",
};

export function ReportsPage() {
  const plans = useInfiniteQuery(plansQuery);
  const reports = useInfiniteQuery(reportsQuery);
  return (
    <Page
      title="Reports"
      lead="What a team must know of its logs, on one page, at the time it wants."
      actions={
        <LinkButton
          to="/reports/plans/$id"
          params={{ id: "new" }}
          leftSection={<IconPlus size={14} aria-hidden />}
        >
          New report
        </LinkButton>
      }
    >
      <PagedTable
        query={plans}
        head={
          <>
            <th>Report</th>
            <th>When</th>
            <th>About</th>
            <th>Next</th>
            <th aria-label="Delete" />
          </>
        }
        row={(plan) => <PlanRow key={plan.id} plan={plan} />}
        empty={
          <EmptyState icon={IconReport} title="No report is planned yet">
            <Text size="sm" c="dimmed">
              New and vanished patterns, what grew, what went silent, and how severe it was.
            </Text>
          </EmptyState>
        }
      />
      <Title order={2} mt="xl" mb="sm">
        Made so far
      </Title>
      <PagedTable
        query={reports}
        head={
          <>
            <th>State</th>
            <th>Report</th>
            <th>From</th>
            <th>To</th>
            <th>Made</th>
          </>
        }
        row={(report) => <ReportRow key={report.id} report={report} />}
        empty={
          <Text size="sm" c="dimmed">
            None yet.
          </Text>
        }
      />
    </Page>
  );
}

function PlanRow({ plan }: { plan: Plan }) {
  const [zone] = useZone();
  return (
    <tr>
      <td>
        <Link
          to="/reports/plans/$id"
          params={{ id: String(plan.id) }}
          className={table["name"]}
        >
          {plan.name}
        </Link>
      </td>
      <td>
        {describeCron(plan.cron)} ({plan.time_zone})
      </td>
      <td>
        the last {plan.period} of {plan.sources?.length ? plan.sources.join(", ") : "all sources"}
      </td>
      <td className="when">{plan.next_due ? formatMinute(plan.next_due, zone) : "off"}</td>
      <td>
        <DeleteAction
          path={`/report-plans/${plan.id}`}
          name={plan.name}
          what="The plan and its reports are deleted."
        />
      </td>
    </tr>
  );
}

function ReportRow({ report }: { report: Report }) {
  const [zone] = useZone();
  return (
    <tr>
      <td>
        <Badge variant="dot" color={COLORS[report.state]}>
          {report.state}
        </Badge>
      </td>
      <td>
        <Link to="/reports/$id" params={{ id: report.id }} className={table["name"]}>
          {report.title}
        </Link>
      </td>
      <td className="when">{formatMinute(report.start, zone)}</td>
      <td className="when">{formatMinute(report.end, zone)}</td>
      <td className="when">{report.finished ? formatMinute(report.finished, zone) : "–"}</td>
    </tr>
  );
}
