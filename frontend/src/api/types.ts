export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  position?: number | null;
}

export type LevelName = "none" | "trace" | "debug" | "info" | "warn" | "error" | "fatal";
export type LevelCounts = Partial<Record<LevelName, number>>;

export interface Session {
  user: { username: string; role: string };
  team: string;
  csrf: string;
}

export interface Source {
  name: string;
  format: string;
  created: string;
  lines: number;
  records: number;
  raw_bytes: number;
  stored_bytes: number;
  first_time: string | null;
  last_time: string | null;
  templates: number;
  pending_batches: number;
  failed_jobs: number;
}

export type BatchState = "accepted" | "sealing" | "sealed" | "failed";

export interface Batch {
  id: string;
  state: BatchState;
  lines: number;
  bytes: number;
  error: string | null;
}

export interface UploadResult {
  batches: string[];
  lines: number;
  bytes: number;
  duplicate: boolean;
}

export interface Variable {
  start: number;
  end: number;
  category: string;
  value: string;
}

export interface Hit {
  id: string;
  source: string;
  time: string;
  time_origin: "header" | "previous" | "receipt";
  level: LevelName;
  component: string;
  template_id: string | null;
  raw: string;
  message_start: number;
  message_end: number;
  variables: Variable[];
}

export interface SearchStats {
  segments: number;
  blocks_total: number;
  blocks_read: number;
  bytes_total: number;
  elapsed_ms: number;
  partial: boolean;
}

export interface SearchPage {
  hits: Hit[];
  cursor: string | null;
  stats: SearchStats;
}

export interface HistogramBucket {
  time: string;
  counts: LevelCounts;
}

export interface Histogram {
  start: string | null;
  end: string | null;
  step_s: number;
  buckets: HistogramBucket[];
  total: number;
}

export interface FacetValue {
  value: string;
  label: string;
  count: number;
}

export interface Facet {
  field: string;
  values: FacetValue[];
  other: number;
}

export interface Pattern {
  id: string;
  text: string;
  typed_text: string;
  categories: string[];
  count: number;
  share: number;
  first_seen: string | null;
  last_seen: string | null;
  sparkline: number[];
  levels: LevelCounts;
}

export interface PatternPage {
  total: number;
  results: Pattern[];
  cursor: string | null;
}

export interface Context {
  before: Hit[];
  record: Hit;
  after: Hit[];
}

export interface Token {
  id: string;
  name: string;
  scope: "ingest" | "read";
  source: string | null;
  created: string;
  last_used: string | null;
}

export interface NewToken extends Token {
  token: string;
}

export type JobState = "queued" | "running" | "done" | "failed";

export interface Job {
  id: string;
  kind: string;
  state: JobState;
  source: string | null;
  attempts: number;
  error: string | null;
  created: string;
  finished: string | null;
}

export interface Sample {
  name: string;
  title: string;
  description: string;
  lines: number;
  bytes: number;
}
