/** OpenTelemetry's six severities and `none`, in the order in which charts stack them. */

import type { LevelCounts, LevelName } from "~/api/types";

/** Calm levels lie at the bottom of a stack, so that the rare and loud ones keep the top edge. */
export const LEVELS: readonly LevelName[] = [
  "none",
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
];

const SHORT: Record<LevelName, string> = {
  none: "–",
  trace: "TRACE",
  debug: "DEBUG",
  info: "INFO",
  warn: "WARN",
  error: "ERROR",
  fatal: "FATAL",
};

export function levelLabel(level: LevelName): string {
  return SHORT[level];
}

export function levelWord(level: LevelName): string {
  return level === "none" ? "no level" : level;
}

export function totalOf(counts: LevelCounts): number {
  return LEVELS.reduce((sum, level) => sum + (counts[level] ?? 0), 0);
}

export function isLevel(text: string): text is LevelName {
  return (LEVELS as readonly string[]).includes(text);
}
