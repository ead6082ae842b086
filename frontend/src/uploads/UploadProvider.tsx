import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import type { ReactNode } from "react";

import { UploadsContext } from "~/uploads/context";
import { newUpload, reduceUploads, type Upload } from "~/uploads/queue";
import { transferFile, type Transfer } from "~/uploads/transfer";

// Two at a time: one keeps the line busy while the other's last bytes are being stored.
const AT_ONCE = 2;

/** Owns the uploads, above the pages: one goes on while its user reads something else. */
export function UploadProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [staged, setStaged] = useState<File[]>([]);
  const [uploads, dispatch] = useReducer(reduceUploads, []);
  const files = useRef(new Map<string, File>());
  const transfers = useRef(new Map<string, Transfer>());

  const send = useCallback(
    async (upload: Upload) => {
      const file = files.current.get(upload.id);
      if (!file || transfers.current.has(upload.id)) return;
      const { id } = upload;
      dispatch({ kind: "started", id, nowMs: performance.now() });
      const transfer = transferFile({
        source: upload.source,
        file,
        onProgress: (sentBytes) =>
          dispatch({ kind: "progressed", id, sentBytes, nowMs: performance.now() }),
      });
      transfers.current.set(id, transfer);
      try {
        const result = await transfer.done;
        dispatch({ kind: "accepted", id, result, nowMs: performance.now() });
      } catch (error) {
        dispatch({ kind: "failed", id, error: error instanceof Error ? error.message : "" });
      } finally {
        transfers.current.delete(id);
        void client.invalidateQueries({ queryKey: ["sources"] });
      }
    },
    [client],
  );

  useEffect(() => {
    const busy = uploads.filter((upload) => upload.state === "sending").length;
    const waiting = uploads.filter((upload) => upload.state === "waiting");
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - busy))) void send(upload);
  }, [uploads, send]);

  useWarnBeforeLeaving(uploads.some((u) => u.state === "sending" || u.state === "waiting"));

  const value = useMemo(
    () => ({
      staged,
      uploads,
      stage: (added: File[]) => setStaged((present) => [...present, ...added]),
      unstage: () => setStaged([]),
      start: (source: string) => {
        const added = staged.map((file) => {
          const upload = newUpload(crypto.randomUUID(), source, file);
          files.current.set(upload.id, file);
          return upload;
        });
        dispatch({ kind: "added", uploads: added });
        setStaged([]);
      },
      cancel: (id: string) => {
        transfers.current.get(id)?.cancel();
        dispatch({ kind: "cancelled", id });
      },
      retry: (id: string) => dispatch({ kind: "retried", id }),
      clear: () => dispatch({ kind: "cleared" }),
    }),
    [staged, uploads],
  );
  return <UploadsContext value={value}>{children}</UploadsContext>;
}

function useWarnBeforeLeaving(active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [active]);
}
