import { Button, Group, NumberInput, Select } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { anomaliesQuery } from "~/api/anomalies";
import type { AnomaliesSearch } from "~/app/searches";
import { EmptyState } from "~/components/EmptyState";
import { ProblemState } from "~/components/ProblemState";
import { RangePicker } from "~/components/RangePicker";
import { SourceSelect } from "~/components/SourceSelect";
import { TableSkeleton } from "~/components/TableSkeleton";
import { formatCount } from "~/format/numbers";
import { resolveRange } from "~/format/range";
import classes from "~/pages/anomalies/AnomaliesPage.module.css";
import { AnomalyTable } from "~/pages/anomalies/AnomalyTable";
import { DetectorState } from "~/pages/anomalies/DetectorState";
import { useAnomalyKeys } from "~/pages/anomalies/useAnomalyKeys";
import { useSay } from "~/pages/anomalies/useSay";
import { KINDS, STATES } from "~/pages/anomalies/words";

const route = getRouteApi("/anomalies");
const ANY = "any";

export function AnomaliesPage() {
  const search = route.useSearch();
  const { source, kind, state = "open", min, order = "score", pattern, from, to } = search;
  const navigate = useNavigate();
  const [nowMs] = useState(() => Date.now());
  const [selected, setSelected] = useState(0);
  const say = useSay();
  const found = useInfiniteQuery(
    anomaliesQuery({
      source,
      kind,
      pattern,
      order,
      min_score: min,
      state: state === ANY ? undefined : state,
      ...resolveRange({ from, to }, nowMs),
    }),
  );
  const anomalies = found.data?.pages.flatMap((page) => page.results) ?? [];
  const set = (change: AnomaliesSearch) =>
    void navigate({ to: "/anomalies", search: { ...search, ...change } });
  useAnomalyKeys({
    anomalies,
    selected: Math.min(selected, anomalies.length - 1),
    select: setSelected,
    open: (anomaly) =>
      void navigate({ to: "/anomalies/$id", params: { id: String(anomaly.id) } }),
    say: (anomaly, word) => say.mutate({ id: anomaly.id, word }),
  });
  return (
    <div>
      <Group gap="xs" className={classes["bar"] ?? ""}>
        <h1 className="visually-hidden">Anomalies</h1>
        <SourceSelect value={source} onChange={(next) => set({ source: next })} />
        <Choice label="Kind" names={KINDS} value={kind} onChange={(next) => set({ kind: next })} />
        <Choice
          label="State"
          names={STATES}
          value={state === ANY ? undefined : state}
          onChange={(next) => set({ state: next ?? ANY })}
        />
        <NumberInput
          aria-label="Least score"
          placeholder="Least score"
          size="sm"
          w={120}
          min={0}
          step={0.5}
          value={min ?? ""}
          onChange={(next) => set({ min: next === "" ? undefined : String(next) })}
        />
        <Select
          aria-label="Order"
          size="sm"
          w={130}
          allowDeselect={false}
          data={[
            { value: "score", label: "Worst first" },
            { value: "time", label: "Newest first" },
          ]}
          value={order}
          onChange={(next) => set({ order: next === "time" ? "time" : undefined })}
        />
        <RangePicker range={{ from, to }} onChange={(next) => set({ from: next.from, to: next.to })} />
        {pattern ? (
          <Button variant="light" size="sm" onClick={() => set({ pattern: undefined })}>
            One pattern only: show all
          </Button>
        ) : null}
      </Group>
      <div className={classes["content"]}>
        {source ? <DetectorState source={source} /> : null}
        {found.isPending ? <TableSkeleton rows={8} /> : null}
        {found.isError ? (
          <ProblemState error={found.error} onRetry={() => void found.refetch()} />
        ) : null}
        {found.data && anomalies.length === 0 ? <Nothing /> : null}
        {anomalies.length > 0 ? (
          <>
            <p className={classes["keys"]}>
              j and k choose, Enter opens; a acknowledges, c confirms, f is a false alarm, m mutes
              the pattern, o takes it back.
            </p>
            <AnomalyTable
              anomalies={anomalies}
              selected={Math.min(selected, anomalies.length - 1)}
              onSelect={setSelected}
            />
            {found.hasNextPage ? (
              <Button
                variant="default"
                mt="md"
                loading={found.isFetchingNextPage}
                onClick={() => void found.fetchNextPage()}
              >
                Show more, {formatCount(anomalies.length)} so far
              </Button>
            ) : null}
          </>
        ) : null}
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  names: Record<string, string>;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function Choice({ label, names, value, onChange }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      placeholder={`Any ${label.toLowerCase()}`}
      size="sm"
      w={150}
      clearable
      data={Object.entries(names).map(([key, text]) => ({ value: key, label: text }))}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}

function Nothing() {
  return (
    <EmptyState icon={IconShieldCheck} title="No anomaly here">
      <span>
        Each source is learnt by itself once it has some 500 records, and in full from 800 units
        on (requests, sessions, blocks, or windows of lines). Choose a source to see how far it is.
      </span>
    </EmptyState>
  );
}
