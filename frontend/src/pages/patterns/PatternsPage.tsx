import { Button, Group, SegmentedControl, TextInput } from "@mantine/core";
import { IconTemplate } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";

import { patternsQuery } from "~/api/queries";
import type { Pattern, PatternPage } from "~/api/types";
import type { PatternsSearch } from "~/app/searches";
import { EmptyState } from "~/components/EmptyState";
import { LabelSelect } from "~/pages/patterns/LabelSelect";
import { LinkButton } from "~/components/links";
import { ProblemState } from "~/components/ProblemState";
import { RangePicker } from "~/components/RangePicker";
import { SourceSelect } from "~/components/SourceSelect";
import { TableSkeleton } from "~/components/TableSkeleton";
import { formatCount, plural } from "~/format/numbers";
import { resolveRange } from "~/format/range";
import classes from "~/pages/patterns/PatternsPage.module.css";
import { MergeBar, toggled } from "~/pages/patterns/MergeBar";
import { PatternTable } from "~/pages/patterns/PatternTable";

const route = getRouteApi("/patterns");

const UNSEALED_MS = 3_000;

export function PatternsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { q, source, from, to, severity, category, sort = "count" } = search;
  const plain = search.text === "plain";
  const [nowMs] = useState(() => Date.now());
  const [chosen, setChosen] = useState<Pattern[]>([]);
  const scope = { q, source, ...resolveRange({ from, to }, nowMs) };
  const patterns = useInfiniteQuery({
    ...patternsQuery({ ...scope, severity, category }, sort),
    // Records without a pattern get theirs within seconds: look again until none is left.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.unsealed > 0) ? UNSEALED_MS : false,
  });
  const rows = patterns.data?.pages.flatMap((page) => page.results) ?? [];
  const set = (change: PatternsSearch) =>
    void navigate({ search: { ...search, ...change } });
  return (
    <div className={classes["root"]}>
      <Group gap="xs" className={classes["bar"] ?? ""}>
        <h1 className="visually-hidden">Patterns</h1>
        <SourceSelect value={source} onChange={(next) => set({ source: next })} />
        <Filter key={q ?? ""} value={q ?? ""} onSubmit={(next) => set({ q: next })} />
        <RangePicker range={{ from, to }} onChange={(next) => set({ from: next.from, to: next.to })} />
        <LabelSelect
          task="severity"
          page={patterns.data?.pages[0]}
          value={severity}
          onChange={(next) => set({ severity: next })}
        />
        <LabelSelect
          task="category"
          page={patterns.data?.pages[0]}
          value={category}
          onChange={(next) => set({ category: next })}
        />
        <SegmentedControl
          aria-label="How variables are shown"
          data={[
            { value: "typed", label: "Typed" },
            { value: "plain", label: "<*>" },
          ]}
          value={plain ? "plain" : "typed"}
          onChange={(next) => set({ text: next === "plain" ? "plain" : undefined })}
        />
      </Group>
      {patterns.isPending ? (
        <div className={classes["content"]}>
          <TableSkeleton rows={12} />
        </div>
      ) : null}
      {patterns.isError ? (
        <ProblemState error={patterns.error} onRetry={() => void patterns.refetch()} />
      ) : null}
      {patterns.data && rows.length === 0 ? <NoPatterns filtered={Boolean(q ?? from ?? to ?? severity ?? category)} /> : null}
      {rows.length > 0 ? (
        <div className={classes["content"]} data-stale={patterns.isPlaceholderData}>
          <p className={classes["sum"]} role="status">
            {patterns.isPlaceholderData ? (
              "Counting…"
            ) : (
              <Sum page={patterns.data?.pages[0]} />
            )}
          </p>
          <MergeBar chosen={chosen} onDone={() => setChosen([])} />
          <PatternTable
            chosen={chosen}
            onChoose={(one) => setChosen((now) => toggled(now, one))}
            patterns={rows}
            sort={sort}
            plain={plain}
            range={{ from, to }}
            source={source}
            onSort={(next) => set({ sort: next === "count" ? undefined : next })}
          />
          {patterns.hasNextPage ? (
            <Button
              variant="default"
              mt="md"
              loading={patterns.isFetchingNextPage}
              onClick={() => void patterns.fetchNextPage()}
            >
              Show more, {formatCount(rows.length)} so far
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function Sum({ page }: { page: PatternPage | undefined }) {
  if (!page) return null;
  return (
    <>
      <strong className="num">{plural(page.templates, "pattern")}</strong> cover all{" "}
      <span className="num">{plural(page.total, "record")}</span>; every count is exact.
      {page.unsealed > 0 ? (
        <span className={classes["unsealed"]}>
          {plural(page.unsealed, "record")} just arrived and follow in a moment
        </span>
      ) : null}
      {page.stats.partial ? (
        <span className={classes["unsealed"]}>Partial: the count stopped at its time limit</span>
      ) : null}
    </>
  );
}

function Filter({ value, onSubmit }: { value: string; onSubmit: (text: string) => void }) {
  const [text, setText] = useState(value);
  return (
    <form
      className={classes["filter"]}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(text.trim());
      }}
    >
      <TextInput
        size="sm"
        aria-label="Filter"
        placeholder="Only records that match, as in Explore"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}

function NoPatterns({ filtered }: { filtered: boolean }) {
  return (
    <EmptyState icon={IconTemplate} title={filtered ? "No pattern matches" : "No patterns yet"}>
      <span>
        Patterns are found as lines are sealed: what stays the same becomes the template, what
        varies becomes typed variables.
      </span>
      {filtered ? null : (
        <LinkButton to="/sources">
          Add logs
        </LinkButton>
      )}
    </EmptyState>
  );
}
