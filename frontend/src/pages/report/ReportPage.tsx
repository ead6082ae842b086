import { Alert, Badge, Button, Loader, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";

import { apiUrl } from "~/api/client";
import { reportQuery } from "~/api/reporting";
import type { FullReport } from "~/api/types";
import { LinkButton } from "~/components/links";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { TableSkeleton } from "~/components/TableSkeleton";
import { Section } from "~/pages/report/Section";

const route = getRouteApi("/reports/$id");

export function ReportPage() {
  const { id } = route.useParams();
  const report = useQuery(reportQuery(id));
  if (report.isPending) return <TableSkeleton rows={6} />;
  if (report.isError) {
    return <ProblemState error={report.error} onRetry={() => void report.refetch()} />;
  }
  return (
    <Page
      title={report.data.title}
      lead={report.data.period}
      actions={<Actions report={report.data} />}
    >
      {report.data.state === "queued" ? <Building /> : null}
      {report.data.state === "failed" ? (
        <Alert color="red" variant="light" role="alert" title="This report could not be made">
          {report.data.error}
        </Alert>
      ) : null}
      {report.data.state === "skipped" ? (
        <Text size="sm" c="dimmed">
          Nothing had changed, so it was sent to nobody.
        </Text>
      ) : null}
      {report.data.sections.map((section) => (
        <Section key={section.key} section={section} report={id} />
      ))}
    </Page>
  );
}

function Actions({ report }: { report: FullReport }) {
  return (
    <>
      {report.preview ? (
        <Badge variant="dot" color="gray">
          preview, sent to nobody
        </Badge>
      ) : null}
      <LinkButton variant="default" to="/reports/plans/$id" params={{ id: String(report.plan) }}>
        Its plan
      </LinkButton>
      {report.state === "ready" || report.state === "skipped" ? (
        <Button
          component="a"
          href={apiUrl(`/reports/${report.id}/pdf`)}
          leftSection={<IconDownload size={14} aria-hidden />}
        >
          PDF
        </Button>
      ) : null}
    </>
  );
}

function Building() {
  return (
    <Stack align="center" py="xl" aria-busy="true">
      <Loader size="sm" />
      <Text size="sm" c="dimmed" role="status">
        The report is being made.
      </Text>
    </Stack>
  );
}
