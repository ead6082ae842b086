import { Badge, Button, Group, Title, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { anomalyQuery, type AnomalyDetail } from "~/api/anomalies";
import { useZone } from "~/app/preferences";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { TableSkeleton } from "~/components/TableSkeleton";
import { formatCount, plural } from "~/format/numbers";
import { formatInstant } from "~/format/times";
import { useAnomalyKeys } from "~/pages/anomalies/useAnomalyKeys";
import { useSay } from "~/pages/anomalies/useSay";
import { KINDS, STATE_COLORS, STATES, WORDS } from "~/pages/anomalies/words";
import classes from "~/pages/anomaly/AnomalyPage.module.css";
import { Lines } from "~/pages/anomaly/Lines";
import { Meaning } from "~/pages/anomaly/Meaning";
import { EdgeHistories, Parts } from "~/pages/anomaly/Parts";
import { RelationGraph } from "~/pages/anomaly/RelationGraph";
import graph from "~/pages/anomaly/RelationGraph.module.css";
import { RelationTable } from "~/pages/anomaly/RelationTable";

const route = getRouteApi("/anomalies/$id");

/** One anomaly: why, shown as a sentence, a graph, lines, history and the detectors' parts. */
export function AnomalyPage() {
  const { id } = route.useParams();
  const anomaly = useQuery(anomalyQuery(id));
  return (
    <Page title={anomaly.data ? `Anomaly in ${anomaly.data.unit}` : "Anomaly"}>
      {anomaly.isPending ? <TableSkeleton rows={8} /> : null}
      {anomaly.isError ? (
        <ProblemState error={anomaly.error} onRetry={() => void anomaly.refetch()} />
      ) : null}
      {anomaly.data ? <Detail anomaly={anomaly.data} /> : null}
    </Page>
  );
}

function Detail({ anomaly }: { anomaly: AnomalyDetail }) {
  return (
    <>
      <p className={classes["sentence"]}>{anomaly.sentence}</p>
      <About anomaly={anomaly} />
      <Actions anomaly={anomaly} />
      <Section title="What it means">
        <Meaning id={anomaly.id} />
      </Section>
      {anomaly.nodes.length > 0 ? (
        <Section title="Relations">
          <RelationGraph nodes={anomaly.nodes} links={anomaly.links} />
          <p className={graph["legend"]}>
            Boxes are events, ellipses fields, hexagons components. Red is wrong, the thicker the
            more; dashed was expected and is missing. Drag to move.
          </p>
          <RelationTable nodes={anomaly.nodes} links={anomaly.links} />
        </Section>
      ) : null}
      <Section title={`Lines, ${anomaly.lines.length} of ${plural(anomaly.records, "record")}`}>
        <Lines lines={anomaly.lines} />
      </Section>
      {anomaly.edges.length > 0 ? (
        <Section title={`What normal looked like, in ${formatCount(anomaly.history_units)} units`}>
          <EdgeHistories edges={anomaly.edges} />
        </Section>
      ) : null}
      {anomaly.parts.length > 0 ? (
        <Section title="What each detector says">
          <Parts parts={anomaly.parts} />
        </Section>
      ) : null}
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes["section"]}>
      <Title order={2} size="h4" mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}

function About({ anomaly }: { anomaly: AnomalyDetail }) {
  const [zone] = useZone();
  return (
    <Group gap="xs" className={classes["about"] ?? ""}>
      <Badge
        color={STATE_COLORS[anomaly.state]}
        variant={anomaly.state === "confirmed" ? "filled" : "light"}
      >
        {STATES[anomaly.state]}
      </Badge>
      <span>{KINDS[anomaly.kind]}</span>
      <span className="num">score {anomaly.score.toFixed(1)}</span>
      <Link to="/sources/$name" params={{ name: anomaly.source }}>
        {anomaly.source}
      </Link>
      <span className="num">
        {formatInstant(anomaly.start, zone)} to {formatInstant(anomaly.end, zone)}
      </span>
      <Link
        to="/anomalies"
        search={{ source: anomaly.source, pattern: anomaly.pattern, state: "any" }}
      >
        {formatCount(anomaly.pattern_anomalies)} with this pattern
      </Link>
      {anomaly.verdict_by ? <span>verdict by {anomaly.verdict_by}</span> : null}
    </Group>
  );
}

function Actions({ anomaly }: { anomaly: AnomalyDetail }) {
  const say = useSay();
  const navigate = useNavigate();
  useAnomalyKeys({
    anomalies: [anomaly],
    selected: 0,
    select: () => undefined,
    open: () => void navigate({ to: "/anomalies" }),
    say: (found, word) => say.mutate({ id: found.id, word }),
  });
  return (
    <Group gap="xs" mb="md">
      {WORDS.map(({ word, key, label, says }) => (
        <Tooltip key={word} label={`${says} (${key})`}>
          <Button
            size="compact-sm"
            variant="default"
            loading={say.isPending && say.variables.word === word}
            onClick={() => say.mutate({ id: anomaly.id, word })}
          >
            {label}
          </Button>
        </Tooltip>
      ))}
    </Group>
  );
}
