import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api } from "~/api/client";
import type { TriageTask, Verdict, Waiting } from "~/api/triage";
import { isTyping, useKey, withModifier } from "~/app/globalKeys";

interface Given {
  verdict: Verdict;
  row: Waiting;
}

const idOf = (row: Waiting) => `${row.source} ${row.id}`;

/** The key of a label: 1 to 9, then 0; later ones have none. */
export const keyOfLabel = (index: number) => String((Math.min(index, 9) + 1) % 10);

/** The queue as it is worked through: where one is, what was said, what can be taken back. */
export function useReview(task: TriageTask, queue: Waiting[]) {
  const client = useQueryClient();
  const [at, setAt] = useState(0);
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const [given, setGiven] = useState<Given[]>([]);
  const rows = queue.filter((row) => !done.has(idOf(row)));
  const place = Math.min(at, Math.max(0, rows.length - 1));
  const refresh = () => void client.invalidateQueries({ queryKey: ["triage"] });
  const mark = (row: Waiting, isDone: boolean) =>
    setDone((before) => {
      const after = new Set(before);
      if (isDone) after.add(idOf(row));
      else after.delete(idOf(row));
      return after;
    });
  const verdict = useMutation({
    mutationFn: ({ row, label }: { row: Waiting; label: string }) =>
      api.post<Verdict>("/triage/verdicts", {
        task: task.name,
        label,
        ...(row.anomaly === null
          ? { source: row.source, template: row.id }
          : { anomaly: row.anomaly }),
      }),
    // The row leaves at once, so that the next key meets the next row.
    onMutate: ({ row }) => mark(row, true),
    onSuccess: (said, { row }) => setGiven((before) => [...before, { verdict: said, row }]),
    onError: (_, { row }) => mark(row, false),
    onSettled: refresh,
  });
  const undo = useMutation({
    mutationFn: ({ verdict: said }: Given) => api.delete(`/triage/verdicts/${said.id}`),
    onSuccess: (_, { row }) => {
      setGiven((before) => before.slice(0, -1));
      mark(row, false);
    },
    onSettled: refresh,
  });
  const say = (row: Waiting, label: string) => verdict.mutate({ row, label });
  const last = given.at(-1);
  useKey("j", () => setAt(Math.min(place + 1, rows.length - 1)));
  useKey("k", () => setAt(Math.max(place - 1, 0)));
  useKey("u", () => {
    if (last && !undo.isPending) undo.mutate(last);
  });
  const row = rows[place];
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!/^[0-9]$/.test(event.key) || isTyping(event) || withModifier(event)) return;
      const label = task.labels[(Number(event.key) + 9) % 10];
      if (!label || !row) return;
      event.preventDefault();
      verdict.mutate({ row, label: label.name });
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [task.labels, row, verdict]);
  return {
    rows,
    at: place,
    moveTo: setAt,
    say,
    error: verdict.error ?? undo.error,
    last: last?.verdict.label,
  };
}
