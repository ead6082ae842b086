/** Where the variables of a record lie in its text. Offsets are UTF-16 units, as the API sends them
 *  and as JavaScript strings count, so no conversion happens here. */

import type { Variable } from "~/api/types";

export interface Segment {
  text: string;
  /** Offset of `text` in the record: the key and the place of the segment. */
  start: number;
  variable?: Variable;
}

/** Cut `text[from:to]` into constant and variable stretches, in order. A variable that overlaps
 *  one before it, or lies outside, is left as constant text: showing text twice would be a lie. */
export function segmentsOf(
  text: string,
  variables: readonly Variable[],
  from = 0,
  to = text.length,
): Segment[] {
  const segments: Segment[] = [];
  const end = Math.min(to, text.length);
  let at = Math.max(0, from);
  for (const variable of [...variables].sort((a, b) => a.start - b.start)) {
    const stop = Math.min(variable.end, end);
    if (variable.start < at || stop <= variable.start) continue;
    if (variable.start > at) segments.push({ text: text.slice(at, variable.start), start: at });
    segments.push({ text: text.slice(variable.start, stop), start: variable.start, variable });
    at = stop;
  }
  if (at < end) segments.push({ text: text.slice(at, end), start: at });
  return segments;
}

/** Never cut between the two halves of a surrogate pair. */
export function safeCut(text: string, limit: number): number {
  if (text.length <= limit) return text.length;
  const code = text.charCodeAt(limit - 1);
  return code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit;
}
