/** Instants as text, in UTC or in the reader's zone. The server's nanoseconds survive a round trip. */

export type Zone = "utc" | "local";

const two = (value: number) => String(value).padStart(2, "0");
const three = (value: number) => String(value).padStart(3, "0");

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
}

function partsOf(at: Date, zone: Zone): Parts {
  if (zone === "utc") {
    return {
      year: at.getUTCFullYear(),
      month: at.getUTCMonth() + 1,
      day: at.getUTCDate(),
      hour: at.getUTCHours(),
      minute: at.getUTCMinutes(),
      second: at.getUTCSeconds(),
      ms: at.getUTCMilliseconds(),
    };
  }
  return {
    year: at.getFullYear(),
    month: at.getMonth() + 1,
    day: at.getDate(),
    hour: at.getHours(),
    minute: at.getMinutes(),
    second: at.getSeconds(),
    ms: at.getMilliseconds(),
  };
}

const dateOf = (p: Parts) => `${p.year}-${two(p.month)}-${two(p.day)}`;
const clockOf = (p: Parts) => `${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;

/** "2008-11-09 20:36:15.000", sortable by eye; an instant that is no date stays as it came. */
export function formatInstant(iso: string, zone: Zone): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const parts = partsOf(at, zone);
  return `${dateOf(parts)} ${clockOf(parts)}.${three(parts.ms)}`;
}

/** "2008-11-09 20:36": for tables where seconds are noise. */
export function formatMinute(iso: string, zone: Zone): string {
  return formatInstant(iso, zone).slice(0, 16);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An axis label as precise as the span of the axis asks for. */
export function formatTick(ms: number, spanMs: number, zone: Zone): string {
  const parts = partsOf(new Date(ms), zone);
  if (spanMs < 10 * SECOND) return `${clockOf(parts)}.${three(parts.ms)}`;
  if (spanMs < 30 * MINUTE) return clockOf(parts);
  if (spanMs < DAY) return clockOf(parts).slice(0, 5);
  const day = `${two(parts.month)}-${two(parts.day)}`;
  if (spanMs < 7 * DAY) return `${day} ${clockOf(parts).slice(0, 5)}`;
  return spanMs < 300 * DAY ? day : dateOf(parts);
}

/** Milliseconds as the two largest units that matter: "2 d 3 h", "4 min 5 s", "120 ms". */
export function formatDuration(ms: number): string {
  const whole = Math.round(ms);
  if (whole < SECOND) return `${whole} ms`;
  if (whole < 10 * SECOND) return `${(whole / SECOND).toFixed(1)} s`;
  const units: [number, string][] = [
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "min"],
    [SECOND, "s"],
  ];
  const first = units.findIndex(([size]) => whole >= size);
  const [size, name] = units[first] ?? [SECOND, "s"];
  const head = `${Math.floor(whole / size)} ${name}`;
  const next = units[first + 1];
  const rest = next ? Math.floor((whole % size) / next[0]) : 0;
  return next && rest > 0 ? `${head} ${rest} ${next[1]}` : head;
}

export function formatAgo(iso: string, nowMs: number): string {
  const passed = nowMs - new Date(iso).getTime();
  return passed < MINUTE ? "just now" : `${formatDuration(passed).split(" ").slice(0, 2).join(" ")} ago`;
}
