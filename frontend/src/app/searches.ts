/** The search parameters of each page: what of a view is in its URL. */

import { pick } from "~/app/plainSearch";

const UPLOAD = ["source"] as const;
const EXPLORE = ["q", "source", "from", "to", "order", "facets", "record"] as const;
const PATTERNS = ["q", "source", "from", "to", "sort", "text", "severity", "category"] as const;
const JOBS = ["state"] as const;
const ANOMALIES = ["source", "kind", "state", "min", "order", "pattern", "from", "to"] as const;
const ALERTS = ["tab"] as const;
const TRIAGE = ["task", "source", "view"] as const;
const RULE = ["q", "source", "snooze"] as const;

/** Undefined is as good as absent: neither is written to the URL. */
type Search<Keys extends readonly string[]> = { [Key in Keys[number]]?: string | undefined };

export type UploadSearch = Search<typeof UPLOAD>;
export type ExploreSearch = Search<typeof EXPLORE>;
export type PatternsSearch = Search<typeof PATTERNS>;
export type JobsSearch = Search<typeof JOBS>;
export type AnomaliesSearch = Search<typeof ANOMALIES>;
export type AlertsSearch = Search<typeof ALERTS>;
export type TriageSearch = Search<typeof TRIAGE>;
export type RuleSearch = Search<typeof RULE>;

type Raw = Record<string, unknown>;

export const uploadSearch = (raw: Raw): UploadSearch => pick(raw, UPLOAD);
export const exploreSearch = (raw: Raw): ExploreSearch => pick(raw, EXPLORE);
export const patternsSearch = (raw: Raw): PatternsSearch => pick(raw, PATTERNS);
export const jobsSearch = (raw: Raw): JobsSearch => pick(raw, JOBS);
export const anomaliesSearch = (raw: Raw): AnomaliesSearch => pick(raw, ANOMALIES);
export const alertsSearch = (raw: Raw): AlertsSearch => pick(raw, ALERTS);
export const triageSearch = (raw: Raw): TriageSearch => pick(raw, TRIAGE);
export const ruleSearch = (raw: Raw): RuleSearch => pick(raw, RULE);
