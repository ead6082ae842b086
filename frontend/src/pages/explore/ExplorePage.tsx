import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useRef } from "react";

import { histogramQuery, searchQuery } from "~/api/queries";
import { useKey } from "~/app/globalKeys";
import classes from "~/pages/explore/ExplorePage.module.css";
import { Facets } from "~/pages/explore/Facets";
import { Histogram } from "~/pages/explore/Histogram";
import { Notes } from "~/pages/explore/Notes";
import { Results } from "~/pages/explore/Results";
import { StatusLine } from "~/pages/explore/StatusLine";
import { Toolbar } from "~/pages/explore/Toolbar";
import { useExplore } from "~/pages/explore/useExplore";
import { WorthTrying } from "~/pages/explore/WorthTrying";
import type { QueryBarHandle } from "~/query/QueryBar";

const BUCKETS = 120;

export function ExplorePage() {
  const explore = useExplore();
  const bar = useRef<QueryBarHandle>(null);
  useKey("/", () => bar.current?.focus());
  const search = useInfiniteQuery(searchQuery(explore.scope, explore.order));
  const histogram = useQuery(histogramQuery(explore.scope, BUCKETS));
  return (
    <div className={classes["root"]}>
      <h1 className="visually-hidden">Explore</h1>
      <Toolbar explore={explore} bar={bar} error={search.error ?? histogram.error} />
      <Notes notes={search.data?.pages[0]?.notes ?? []} />
      <WorthTrying explore={explore} />
      {histogram.isError ? null : (
        <Histogram
          histogram={histogram.data}
          stale={histogram.isPlaceholderData}
          onZoom={explore.setRange}
        />
      )}
      <StatusLine
        explore={explore}
        search={search}
        // While another query's histogram is still shown, its total is not this query's.
        total={histogram.isPlaceholderData ? undefined : histogram.data?.total}
      />
      <div className={classes["body"]}>
        <Facets explore={explore} />
        <Results explore={explore} search={search} />
      </div>
    </div>
  );
}
