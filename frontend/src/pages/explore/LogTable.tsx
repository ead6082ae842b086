import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";

import type { Hit } from "~/api/types";
import { useRowView } from "~/app/preferences";
import { RecordDetail } from "~/components/record/RecordDetail";
import { useVariablePointer } from "~/components/record/useVariablePointer";
import type { HitPages } from "~/pages/explore/hitPages";
import { LogRow } from "~/pages/explore/LogRow";
import classes from "~/pages/explore/LogTable.module.css";
import type { Explore } from "~/pages/explore/useExplore";
import { useRowKeys } from "~/pages/explore/useRowKeys";

interface Props {
  explore: Explore;
  hits: Hit[];
  search: HitPages;
  withSource: boolean;
}

const ROW_PX = 24;
// Ask for the next page this many rows before the last one comes into sight.
const AHEAD = 40;

export function LogTable({ explore, hits, search, withSource }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view] = useRowView();
  const open = explore.search.record;
  const [selected, setSelected] = useState(() => hits.findIndex((hit) => hit.id === open));
  const rows = useVirtualizer({
    count: hits.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => hits[index]?.id ?? index,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = search;
  useEffect(() => {
    if (last >= hits.length - AHEAD && hasNextPage && !isFetchingNextPage && !isError) {
      void fetchNextPage();
    }
  }, [last, hits.length, hasNextPage, isFetchingNextPage, isError, fetchNextPage]);

  const toggle = (index: number) => {
    const id = hits[index]?.id;
    setSelected(index);
    explore.set({ record: id === open ? undefined : id }, true);
  };
  useRowKeys({
    count: hits.length,
    selected,
    select: (index) => {
      setSelected(index);
      rows.scrollToIndex(index, { align: "auto" });
    },
    hitAt: (index) => hits[index],
    toggle,
    close: () => explore.set({ record: undefined }, true),
    zoomOut: () => explore.setRange({}),
  });
  const pointer = useVariablePointer({
    hitOf: (id) => hits.find((hit) => hit.id === id),
    onInclude: explore.include,
    onExclude: explore.exclude,
  });

  return (
    <div
      ref={scroller}
      className={classes["scroller"]}
      role="treegrid"
      aria-label="Records"
      aria-rowcount={hasNextPage ? -1 : hits.length}
      tabIndex={0}
      data-wrap={view.wrap}
      data-marks={view.marks ? "on" : "off"}
      data-pointing="on"
      {...pointer.handlers}
    >
      <div className={classes["canvas"]} style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const hit = hits[item.index];
          if (!hit) return null;
          return (
            <div
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              role="rowgroup"
              className={classes["item"]}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <LogRow
                hit={hit}
                index={item.index}
                selected={item.index === selected}
                open={hit.id === open}
                withSource={withSource}
                view={view}
                onToggle={toggle}
              />
              {hit.id === open ? (
                <div role="row">
                  <div role="gridcell" aria-colspan={4}>
                    <RecordDetail
                      hit={hit}
                      query={explore.query}
                      onInclude={explore.include}
                      onExclude={explore.exclude}
                    />
                  </div>
                </div>
              ) : null}
            </div>
          );
        })}
      </div>
      {pointer.floating}
    </div>
  );
}
