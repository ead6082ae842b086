/** Time ranges as they stand in the URL: `now`, `now-15m`, or an instant; resolved when a query runs. */

import { formatInstant, type Zone } from "~/format/times";

export interface Range {
  from?: string | undefined;
  to?: string | undefined;
}

const RELATIVE = /^now(?:-(\d{1,6})([smhdw]))?$/;
const UNIT_MS: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

export const PRESETS: { from: string; label: string }[] = [
  { from: "now-5m", label: "Last 5 minutes" },
  { from: "now-15m", label: "Last 15 minutes" },
  { from: "now-1h", label: "Last hour" },
  { from: "now-6h", label: "Last 6 hours" },
  { from: "now-1d", label: "Last 24 hours" },
  { from: "now-7d", label: "Last 7 days" },
  { from: "now-30d", label: "Last 30 days" },
];

export function isRangeEdge(text: string): boolean {
  return RELATIVE.test(text) || !Number.isNaN(Date.parse(text));
}

/** One edge as the ISO instant that the API takes; undefined where the range is open. */
export function resolveEdge(edge: string | undefined, nowMs: number): string | undefined {
  if (edge === undefined || edge === "") return undefined;
  const relative = RELATIVE.exec(edge);
  if (!relative) return edge;
  const [, count = "0", unit = "s"] = relative;
  return new Date(nowMs - Number(count) * (UNIT_MS[unit] ?? 0)).toISOString();
}

export function resolveRange(range: Range, nowMs: number): { start?: string; end?: string } {
  const start = resolveEdge(range.from, nowMs);
  // "Until now" is an open end: lines that arrive with a later clock stay visible.
  const end = range.to === "now" ? undefined : resolveEdge(range.to, nowMs);
  return { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
}

export function describeRange(range: Range, zone: Zone): string {
  const { from, to } = range;
  if (!from && !to) return "All time";
  const preset = PRESETS.find((item) => item.from === from);
  if (preset && (!to || to === "now")) return preset.label;
  const left = from ? describeEdge(from, zone) : "the start";
  const right = to ? describeEdge(to, zone) : "now";
  return `${left} → ${right}`;
}

function describeEdge(edge: string, zone: Zone): string {
  return RELATIVE.test(edge) ? edge : formatInstant(edge, zone).replace(/\.000$/, "");
}

/** An instant as the value of a `datetime-local` field, which knows no zone. */
export function toFieldValue(iso: string, zone: Zone): string {
  return formatInstant(iso, zone).replace(" ", "T").slice(0, 19);
}

export function fromFieldValue(value: string, zone: Zone): string | undefined {
  const at = new Date(zone === "utc" ? `${value}Z` : value);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
