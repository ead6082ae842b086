/** What the explorer looks at, read from the URL, and the moves that change it. */

import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import type { Scope } from "~/api/queries";
import type { ExploreSearch } from "~/app/searches";
import { resolveRange, type Range } from "~/format/range";
import { toggleExclude, toggleInclude } from "~/query/clauses";
import { rememberQuery } from "~/query/recent";

const route = getRouteApi("/explore");

export interface Explore {
  search: ExploreSearch;
  query: string;
  range: Range;
  scope: Scope;
  order: "asc" | "desc";
  /** Run a query; the same one again looks at what has arrived since. */
  run: (query: string) => void;
  include: (field: string, value: string) => void;
  exclude: (field: string, value: string) => void;
  setRange: (range: Range) => void;
  /** Change parameters; undefined takes one out. Replacing leaves no step in the history. */
  set: (change: ExploreSearch, replace?: boolean) => void;
}

export function useExplore(): Explore {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  // "now" stands still between runs, or every render would be another query.
  const [ranAtMs, setRanAtMs] = useState(() => Date.now());
  const { q: query = "", source, from, to } = search;
  const order = search.order === "asc" ? "asc" : "desc";

  return useMemo(() => {
    const set: Explore["set"] = (change, replace = false) => {
      void navigate({ search: { ...search, ...change }, replace });
    };
    const run = (text: string) => {
      setRanAtMs(Date.now());
      rememberQuery(text);
      set({ q: text, record: undefined });
    };
    const range = { from, to };
    return {
      search,
      query,
      range,
      order,
      scope: { q: query, source, ...resolveRange(range, ranAtMs) },
      run,
      include: (field, value) => run(toggleInclude(query, field, value)),
      exclude: (field, value) => run(toggleExclude(query, field, value)),
      setRange: (next) => {
        setRanAtMs(Date.now());
        set({ from: next.from, to: next.to, record: undefined });
      },
      set,
    };
  }, [search, query, source, from, to, order, ranAtMs, navigate]);
}
