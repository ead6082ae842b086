/** The list of uploads and how each may change; what moves the bytes is `transfer`. */

import type { UploadResult } from "~/api/types";

export type UploadState = "waiting" | "sending" | "accepted" | "failed" | "cancelled";

export interface Upload {
  id: string;
  source: string;
  name: string;
  bytes: number;
  state: UploadState;
  sentBytes: number;
  startedMs: number;
  nowMs: number;
  result?: UploadResult;
  error?: string;
}

export type UploadEvent =
  | { kind: "added"; uploads: Upload[] }
  | { kind: "started"; id: string; nowMs: number }
  | { kind: "progressed"; id: string; sentBytes: number; nowMs: number }
  | { kind: "accepted"; id: string; result: UploadResult; nowMs: number }
  | { kind: "failed"; id: string; error: string }
  | { kind: "cancelled"; id: string }
  | { kind: "retried"; id: string }
  | { kind: "cleared" };

export function newUpload(id: string, source: string, file: File): Upload {
  return {
    id,
    source,
    name: file.name,
    bytes: file.size,
    state: "waiting",
    sentBytes: 0,
    startedMs: 0,
    nowMs: 0,
  };
}

export function isOver(upload: Upload): boolean {
  return upload.state !== "waiting" && upload.state !== "sending";
}

export function reduceUploads(uploads: Upload[], event: UploadEvent): Upload[] {
  if (event.kind === "added") return [...uploads, ...event.uploads];
  if (event.kind === "cleared") return uploads.filter((upload) => !isOver(upload));
  return uploads.map((upload) => (upload.id === event.id ? changed(upload, event) : upload));
}

type OneEvent = Exclude<UploadEvent, { kind: "added" } | { kind: "cleared" }>;

function changed(upload: Upload, event: OneEvent): Upload {
  switch (event.kind) {
    case "started":
      return { ...upload, state: "sending", startedMs: event.nowMs, nowMs: event.nowMs };
    case "progressed":
      return { ...upload, sentBytes: event.sentBytes, nowMs: event.nowMs };
    case "accepted":
      return {
        ...upload,
        state: "accepted",
        sentBytes: upload.bytes,
        result: event.result,
        nowMs: event.nowMs,
      };
    case "failed":
      return { ...upload, state: "failed", error: event.error };
    case "cancelled":
      return { ...upload, state: "cancelled" };
    case "retried": {
      const again: Upload = { ...upload, state: "waiting", sentBytes: 0 };
      delete again.error;
      return again;
    }
  }
}

/** Bytes a second since the upload began; 0 while there is nothing to divide. */
export function speedOf(upload: Upload): number {
  const seconds = (upload.nowMs - upload.startedMs) / 1000;
  return seconds > 0 ? upload.sentBytes / seconds : 0;
}

/** A source name that a file's name suggests: "HDFS_2k.log.gz" -> "hdfs_2k". */
export function sourceNameFor(fileName: string): string {
  const stem = fileName.replace(/(\.(log|txt|json|ndjson|jsonl|gz|zst|bz2|xz|out|\d+))+$/i, "");
  const name = stem
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "upload" : name.slice(0, 60);
}
