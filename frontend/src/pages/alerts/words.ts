/** Rules in words. */

import type { Condition, Rule, WantedRule } from "~/api/types";
import { formatCount } from "~/format/numbers";

export const KINDS: { value: Rule["kind"]; label: string; help: string }[] = [
  { value: "count", label: "Count", help: "so many records in a window" },
  { value: "rate", label: "Rate", help: "many more or fewer records than before" },
  { value: "absence", label: "Silence", help: "no record in a window" },
  { value: "new_template", label: "New pattern", help: "a pattern never seen before" },
  { value: "template_change", label: "Pattern change", help: "a pattern that grows or shrinks" },
  { value: "variable", label: "Variable", help: "a percentile of a duration, size or amount" },
  { value: "anomaly", label: "Anomaly", help: "a pattern of anomalies that a detector finds" },
];

export const SEVERITY_COLORS: Record<Rule["severity"], string> = {
  info: "gray",
  warning: "yellow",
  critical: "red",
};

/** What the server takes for what is left out. */
export const DEFAULTS = {
  window_min: 5,
  op: ">=",
  threshold: 1,
  factor: 3,
  direction: "up",
  baseline_windows: 12,
  min_count: 10,
  category: "duration",
  statistic: "p95",
  anomaly_kind: "",
  min_score: 0,
} satisfies Required<Condition>;

export function describeCondition(kind: Rule["kind"], given: Condition): string {
  const c = { ...DEFAULTS, ...given };
  const span = `${c.window_min} min`;
  const sign = c.op === ">=" ? "≥" : "≤";
  switch (kind) {
    case "absence":
      return `nothing for ${span}`;
    case "new_template":
      return "a new pattern comes up";
    case "rate":
    case "template_change": {
      const way = { up: "more", down: "less", either: "more or less" }[c.direction];
      return `${c.factor} times ${way} in ${span} than before`;
    }
    case "variable":
      return `${c.statistic} of ${c.category} ${sign} ${c.threshold} over ${span}`;
    case "anomaly": {
      const score = c.min_score > 0 ? ` with a score of ${c.min_score} or more` : "";
      return `any anomaly${c.anomaly_kind ? ` of ${c.anomaly_kind}` : ""}${score}`;
    }
    case "count":
      return `${sign} ${formatCount(c.threshold)} records in ${span}`;
  }
}

export const EMPTY_RULE: WantedRule = {
  name: "",
  kind: "count",
  query: "",
  sources: [],
  condition: { window_min: 5, op: ">=", threshold: 10 },
  group_by: "",
  severity: "warning",
  channels: [],
  cooldown_min: 30,
  notify_recovery: true,
  enabled: true,
};
