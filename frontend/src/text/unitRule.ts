/** What makes a unit of a source, in words. */

import type { components } from "~/api/schema";

export type UnitRule = components["schemas"]["RuleShape"];

export function ruleText(rule: UnitRule): string {
  if (!rule.pattern) return `${String(rule.size)} records, every ${String(rule.step)}`;
  const after = rule.name ? ` after “${rule.name}”` : "";
  return `all records with one ${rule.pattern}${after}`;
}
