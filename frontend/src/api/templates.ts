/** What the template pages ask the server: types by the names that the pages use, and queries. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "~/api/client";
import type { components } from "~/api/schema";

type Schemas = components["schemas"];

export type Story = Schemas["StoryShape"];
export type StoryVariable = Schemas["StoryVariableShape"];
export type TemplateEdit = Schemas["EditShape"];
/** What the server fills in may be left out. */
export type WantedEdit = Pick<Schemas["NewEditRequest"], "kind"> &
  Partial<Schemas["NewEditRequest"]>;
export type ValuePlot = Schemas["ValuePlotShape"];

const part = encodeURIComponent;
const path = (source: string, id: string) => `/templates/${part(source)}/${part(id)}`;

export const storyQuery = (source: string, id: string) =>
  queryOptions({
    queryKey: ["templates", source, id],
    queryFn: ({ signal }) => api.get<Story>(path(source, id), {}, signal),
  });

export const valuesQuery = (source: string, id: string, variable: number) =>
  queryOptions({
    queryKey: ["templates", source, id, "values", variable],
    queryFn: ({ signal }) => api.get<ValuePlot>(`${path(source, id)}/values`, { variable }, signal),
  });

/** An edit changes counts, facets and searches at once: nothing asked before holds any more. */
export function useEdit(source: string, id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: WantedEdit) => api.post<TemplateEdit>(`${path(source, id)}/edits`, wanted),
    onSuccess: () => client.invalidateQueries(),
  });
}

export function useUndo() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ edit, undo }: { edit: number; undo: boolean }) =>
      api.post<TemplateEdit>(`/template-edits/${edit}/${undo ? "undo" : "redo"}`),
    onSuccess: () => client.invalidateQueries(),
  });
}
