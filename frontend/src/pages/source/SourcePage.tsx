import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";

import { sourceQuery } from "~/api/queries";
import { LinkButton } from "~/components/links";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { TableSkeleton } from "~/components/TableSkeleton";
import { ConnectAgent } from "~/pages/source/ConnectAgent";
import { DeleteSource } from "~/pages/source/DeleteSource";
import { DetectorPanel } from "~/pages/source/DetectorPanel";
import { FirstLine } from "~/pages/source/FirstLine";
import { HeaderFormatPanel } from "~/pages/source/HeaderFormatPanel";
import { LearningPanel } from "~/pages/source/LearningPanel";
import { SourceTable } from "~/pages/sources/SourceTable";

const route = getRouteApi("/sources/$name");
const WATCH_MS = 2_000;

export function SourcePage() {
  const { name } = route.useParams();
  const source = useQuery({ ...sourceQuery(name), refetchInterval: WATCH_MS });
  const search = { source: name };
  return (
    <Page
      title={name}
      lead="A source of lines"
      actions={
        source.isError ? null : (
          <Group gap="xs" wrap="nowrap">
            <LinkButton variant="default" to="/upload" search={search}>
              Upload
            </LinkButton>
            <LinkButton variant="default" to="/patterns" search={search}>
              Patterns
            </LinkButton>
            <LinkButton to="/explore" search={search}>
              Explore
            </LinkButton>
          </Group>
        )
      }
    >
      {source.isPending ? <TableSkeleton rows={3} /> : null}
      {source.isError ? (
        <ProblemState error={source.error} onRetry={() => void source.refetch()} />
      ) : null}
      {source.data ? (
        <>
          <FirstLine source={source.data} />
          <SourceTable sources={[source.data]} />
          <HeaderFormatPanel source={source.data} />
          <LearningPanel source={name} />
          <DetectorPanel source={name} />
          <ConnectAgent source={name} />
          <DeleteSource source={source.data} />
        </>
      ) : null}
    </Page>
  );
}
