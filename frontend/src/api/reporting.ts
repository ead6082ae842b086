/** What the pages of alerts, channels and reports ask the server. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, type Query } from "~/api/client";
import type {
  AlertEvent,
  Channel,
  Delivery,
  FullReport,
  Maintenance,
  Plan,
  Report,
  Rule,
} from "~/api/types";

interface Page<T> {
  results: T[];
  cursor: string | null;
}

/** One cache key for all: what is changed here shows elsewhere on the same page. */
const paged = <T>(path: string, query: Query = {}, refetchMs?: number) =>
  infiniteQueryOptions({
    queryKey: ["reporting", path, query],
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<T>>(path, { ...query, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<T>) => page.cursor ?? undefined,
    ...(refetchMs !== undefined && { refetchInterval: refetchMs }),
  });

const LIVE_MS = 10_000;
export const reportingKey = ["reporting"] as const;

export const rulesQuery = paged<Rule>("/alerts", {}, LIVE_MS);
export const eventsQuery = (rule?: number) =>
  paged<AlertEvent>("/alerts/events", { rule, limit: 50 }, LIVE_MS);
export const channelsQuery = paged<Channel>("/channels");
export const deliveriesQuery = paged<Delivery>("/deliveries", { limit: 50 }, LIVE_MS);
export const maintenanceQuery = paged<Maintenance>("/alerts/maintenance");
export const plansQuery = paged<Plan>("/report-plans");
export const reportsQuery = paged<Report>("/reports", { limit: 50 }, LIVE_MS);

export const ruleQuery = (id: string) =>
  queryOptions({
    queryKey: ["reporting", "rule", id],
    queryFn: ({ signal }) => api.get<Rule>(`/alerts/${encodeURIComponent(id)}`, {}, signal),
  });

export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ["reporting", "plan", id],
    queryFn: ({ signal }) => api.get<Plan>(`/report-plans/${encodeURIComponent(id)}`, {}, signal),
  });

const BUILD_MS = 700;

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ["reporting", "report", id],
    queryFn: ({ signal }) => api.get<FullReport>(`/reports/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: (query) => (query.state.data?.state === "queued" ? BUILD_MS : false),
  });

export const timesQuery = (cron: string, zone: string) =>
  queryOptions({
    queryKey: ["reporting", "times", cron, zone],
    queryFn: ({ signal }) =>
      api.get<{ times: string[] }>("/report-plans/times", { cron, time_zone: zone }, signal),
    retry: false,
  });
