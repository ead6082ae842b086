/** Anomalies and detectors: what the pages ask, and what they send. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, type Query } from "~/api/client";
import type { components } from "~/api/schema";

type Schemas = components["schemas"];

export type Anomaly = Schemas["ListedAnomalyShape"];
export type AnomalyDetail = Schemas["AnomalyDetailShape"];
export type AnomalyPage = Schemas["AnomalyListShape"];
export type AnomalyLine = Schemas["AnomalyLineShape"];
export type DetectorPart = Schemas["PartShape"];
export type EdgeHistory = Schemas["EdgeHistoryShape"];
export type GraphNode = Schemas["GraphNodeShape"];
export type GraphLink = Schemas["GraphLinkShape"];
export type Detector = Schemas["DetectorShape"];

/** Which anomalies, as the API takes it. */
export interface Wanted extends Query {
  source?: string | undefined;
  kind?: string | undefined;
  state?: string | undefined;
  pattern?: string | undefined;
  min_score?: string | undefined;
  start?: string | undefined;
  end?: string | undefined;
  order?: string | undefined;
}

const PAGE = 50;
const WATCH_MS = 5_000;

export const anomaliesQuery = (wanted: Wanted) =>
  infiniteQueryOptions({
    queryKey: ["anomalies", wanted],
    queryFn: ({ signal, pageParam }) =>
      api.get<AnomalyPage>("/anomalies", { ...wanted, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: WATCH_MS,
  });

export const anomalyQuery = (id: string) =>
  queryOptions({
    queryKey: ["anomaly", id],
    queryFn: ({ signal }) =>
      api.get<AnomalyDetail>(`/anomalies/${encodeURIComponent(id)}`, {}, signal),
  });

export const detectorQuery = (source: string) =>
  queryOptions({
    queryKey: ["detector", source],
    queryFn: ({ signal }) =>
      api.get<Detector>(`/sources/${encodeURIComponent(source)}/detector`, {}, signal),
    refetchInterval: WATCH_MS,
  });

export type Word = "acknowledge" | "confirm" | "false" | "mute" | "reopen";

/** Say something of an anomaly; the answer is the anomaly as it is then. */
export function say(id: number, word: Word): Promise<AnomalyDetail> {
  if (word === "confirm" || word === "false") {
    const verdict = word === "confirm" ? "confirmed" : "false";
    return api.post(`/anomalies/${id}/verdict`, { verdict });
  }
  return api.post(`/anomalies/${id}/${word}`, {});
}

export function changeDetector(
  source: string,
  change: Schemas["DetectorChangeRequest"],
): Promise<Detector> {
  return api.post(`/sources/${encodeURIComponent(source)}/detector`, change);
}
