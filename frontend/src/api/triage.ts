/** What triage asks the server: types by the names that the pages use, and queries. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api } from "~/api/client";
import type { components } from "~/api/schema";

type Schemas = components["schemas"];

export type Answer = Schemas["AnswerInfo"];
export type AnomalyAnswer = Schemas["AnomalyAnswerInfo"];
export type TriageTask = Schemas["TriageTaskInfo"];
export type ReviewQueue = Schemas["ReviewQueue"];
export type Waiting = Schemas["WaitingTemplate"];
export type TriageStatus = Schemas["TriageStatus"];
export type TriageCase = Schemas["CaseInfo"];
export type Rung = TriageTask["rungs"][number];
export type Verdict = Schemas["VerdictInfo"];
export type LanguageModel = Schemas["LanguageModelInfo"];
export type WantedLanguageModel = Schemas["WantedLanguageModelRequest"];
export type ModelTest = Schemas["ModelTestAnswer"];

interface Results<T> {
  results: T[];
}

// A model is trained within seconds of the verdict that made it due.
const REFRESH_MS = 4_000;

export const triageTasksQuery = queryOptions({
  queryKey: ["triage", "tasks"],
  queryFn: async ({ signal }) =>
    (await api.get<Results<TriageTask>>("/triage/tasks", {}, signal)).results,
  refetchInterval: REFRESH_MS,
});

export const queueQuery = (task: string, source: string | undefined) =>
  queryOptions({
    queryKey: ["triage", "queue", task, source],
    queryFn: ({ signal }) =>
      api.get<ReviewQueue>("/triage/queue", { task, source, limit: 50 }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

export const triageStatusQuery = (task: string) =>
  queryOptions({
    queryKey: ["triage", "status", task],
    queryFn: ({ signal }) => api.get<TriageStatus>("/triage/status", { task }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

export const answersQuery = (source: string, template: string) =>
  queryOptions({
    queryKey: ["triage", "answers", source, template],
    queryFn: async ({ signal }) =>
      (await api.get<Results<Answer>>("/triage/answers", { source, template }, signal)).results,
  });

export const anomalyAnswersQuery = (id: number) =>
  queryOptions({
    queryKey: ["triage", "anomaly", id],
    queryFn: async ({ signal }) =>
      (await api.get<Results<AnomalyAnswer>>(`/triage/anomalies/${id}`, {}, signal)).results,
  });

export const casesQuery = (task: string) =>
  queryOptions({
    queryKey: ["triage", "cases", task],
    queryFn: async ({ signal }) =>
      (await api.get<Results<TriageCase>>("/triage/cases", { task }, signal)).results,
  });

export const languageModelQuery = queryOptions({
  queryKey: ["triage", "language-model"],
  queryFn: ({ signal }) => api.get<LanguageModel>("/triage/language-model", {}, signal),
});
