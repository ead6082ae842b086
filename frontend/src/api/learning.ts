/** What a source has learned from corrections of its templates. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "~/api/client";
import type { components } from "~/api/schema";

export type Learning = components["schemas"]["LearningShape"];
export type Changes = components["schemas"]["EditList"];
export type Lesson = components["schemas"]["LessonShape"];

const WATCH_MS = 1_000;
const path = (source: string) => `/sources/${encodeURIComponent(source)}/learning`;

/** Asked again while a job learns, so that its progress moves. */
export const learningQuery = (source: string) =>
  queryOptions({
    queryKey: ["learning", source],
    queryFn: ({ signal }) => api.get<Learning>(path(source), {}, signal),
    refetchInterval: (query) => (query.state.data?.job ? WATCH_MS : false),
  });

/** What a lesson changed, newest first; a page of them. */
export const changesQuery = (source: string, lesson: number) =>
  queryOptions({
    queryKey: ["learning", source, lesson],
    queryFn: ({ signal }) =>
      api.get<Changes>("/template-edits", { source, lesson, limit: 100 }, signal),
  });

export function useLearn(source: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<Learning>(path(source)),
    onSuccess: (found) => client.setQueryData(["learning", source], found),
  });
}

/** A lesson changes what many templates are: nothing asked before holds any more. */
export function useLesson() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ lesson, undo }: { lesson: number; undo: boolean }) =>
      api.post<Lesson>(`/lessons/${lesson}/${undo ? "undo" : "redo"}`),
    onSuccess: () => client.invalidateQueries(),
  });
}
