/** Every question the pages ask the server, with its cache key, in one list. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, ApiError, rememberCsrf, type Query } from "~/api/client";
import type {
  Batch,
  Context,
  Facet,
  HeaderFormat,
  HeaderPreview,
  Histogram,
  Jobs,
  PatternPage,
  Sample,
  SearchPage,
  QueryField,
  Session,
  SingleRecord,
  Source,
  Token,
} from "~/api/types";

interface Results<T> {
  results: T[];
}

const part = encodeURIComponent;

/** What a view looks at: query text, source and time range, as the API takes them. */
export interface Scope extends Query {
  q?: string | undefined;
  source?: string | undefined;
  start?: string | undefined;
  end?: string | undefined;
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await api.get<Session>("/session", {}, signal);
      rememberCsrf(session.csrf);
      return session;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

export const sourcesQuery = queryOptions({
  queryKey: ["sources"],
  queryFn: async ({ signal }) => (await api.get<Results<Source>>("/sources", {}, signal)).results,
});

export const sourceQuery = (name: string) =>
  queryOptions({
    queryKey: ["sources", name],
    queryFn: ({ signal }) => api.get<Source>(`/sources/${part(name)}`, {}, signal),
  });

export const headerFormatsQuery = queryOptions({
  queryKey: ["header-formats"],
  queryFn: async ({ signal }) =>
    (await api.get<Results<HeaderFormat>>("/header-formats", {}, signal)).results,
  staleTime: Infinity,
});

/** What is tried: a format's name (`auto`: detected) or a pattern of one's own. */
export interface FormatChoice {
  format?: string;
  pattern?: string;
}

export const headerPreviewQuery = (source: string, choice: FormatChoice) =>
  queryOptions({
    queryKey: ["header-preview", source, choice],
    queryFn: () => api.post<HeaderPreview>("/header-preview", { source, ...choice }),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const samplesQuery = queryOptions({
  queryKey: ["samples"],
  queryFn: async ({ signal }) => (await api.get<Results<Sample>>("/samples", {}, signal)).results,
  staleTime: Infinity,
});

export const batchQuery = (id: string) =>
  queryOptions({
    queryKey: ["batches", id],
    queryFn: ({ signal }) => api.get<Batch>(`/batches/${part(id)}`, {}, signal),
  });

const PAGE_HITS = 200;

export const searchQuery = (scope: Scope, order: string) =>
  infiniteQueryOptions({
    queryKey: ["search", scope, order],
    queryFn: ({ signal, pageParam }) =>
      api.get<SearchPage>(
        "/search",
        { ...scope, order, limit: PAGE_HITS, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
    staleTime: 30_000,
  });

export const histogramQuery = (scope: Scope, buckets: number) =>
  queryOptions({
    queryKey: ["histogram", scope, buckets],
    queryFn: ({ signal }) => api.get<Histogram>("/histogram", { ...scope, buckets }, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export const facetQuery = (scope: Scope, field: string, limit: number) =>
  queryOptions({
    queryKey: ["facets", scope, field, limit],
    queryFn: ({ signal }) => api.get<Facet>("/facets", { ...scope, field, limit }, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export const fieldsQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["fields", scope],
    queryFn: async ({ signal }) =>
      (await api.get<{ fields: QueryField[] }>("/query/fields", scope, signal)).fields,
    staleTime: 60_000,
  });

const PAGE_PATTERNS = 100;

export const patternsQuery = (scope: Scope, sort: string) =>
  infiniteQueryOptions({
    queryKey: ["patterns", scope, sort],
    queryFn: ({ signal, pageParam }) =>
      api.get<PatternPage>(
        "/patterns",
        { ...scope, sort, limit: PAGE_PATTERNS, cursor: pageParam },
        signal,
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
  });

export const recordQuery = (id: string) =>
  queryOptions({
    queryKey: ["records", id],
    queryFn: ({ signal }) => api.get<SingleRecord>(`/records/${part(id)}`, {}, signal),
  });

export const contextQuery = (id: string, before: number, after: number) =>
  queryOptions({
    queryKey: ["records", id, "context", before, after],
    queryFn: ({ signal }) =>
      api.get<Context>(`/records/${part(id)}/context`, { before, after }, signal),
    placeholderData: keepPreviousData,
  });

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: async ({ signal }) => (await api.get<Results<Token>>("/tokens", {}, signal)).results,
});

export const jobsQuery = (state: string) =>
  queryOptions({
    queryKey: ["jobs", state],
    queryFn: async ({ signal }) => {
      const wanted = state === "all" ? undefined : state;
      return (await api.get<Jobs>("/jobs", { state: wanted }, signal)).results;
    },
    refetchInterval: 5_000,
  });
