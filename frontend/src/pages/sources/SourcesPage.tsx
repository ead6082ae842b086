import { Button, Group } from "@mantine/core";
import { IconPlus, IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { sourcesQuery } from "~/api/queries";
import { LinkButton } from "~/components/links";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { TableSkeleton } from "~/components/TableSkeleton";
import { CreateSource } from "~/pages/sources/CreateSource";
import { FirstSteps } from "~/pages/sources/FirstSteps";
import { SampleLogs } from "~/pages/sources/SampleLogs";
import { SourceTable } from "~/pages/sources/SourceTable";
import { Totals } from "~/pages/sources/Totals";

const REFRESH_MS = 3_000;

export function SourcesPage() {
  const [creating, setCreating] = useState(false);
  const sources = useQuery({ ...sourcesQuery, refetchInterval: REFRESH_MS });
  const create = () => setCreating(true);
  return (
    <Page
      title="Sources"
      lead="Where lines come from, and what is kept of them."
      actions={
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" leftSection={<IconPlus size={15} />} onClick={create}>
            New source
          </Button>
          <LinkButton to="/upload" leftSection={<IconUpload size={15} />}>
            Upload logs
          </LinkButton>
        </Group>
      }
    >
      {sources.isPending ? <TableSkeleton rows={5} /> : null}
      {sources.isError ? (
        <ProblemState error={sources.error} onRetry={() => void sources.refetch()} />
      ) : null}
      {sources.data?.length === 0 ? <FirstSteps onCreate={create} /> : null}
      {sources.data && sources.data.length > 0 ? (
        <>
          <Totals sources={sources.data} />
          <SourceTable sources={sources.data} />
          <SampleLogs present={sources.data.map((source) => source.name)} />
        </>
      ) : null}
      <CreateSource opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}
