import { NumberInput, Select, SimpleGrid } from "@mantine/core";

import type { Condition, WantedRule } from "~/api/types";
import { DEFAULTS } from "~/pages/alerts/words";
import { KINDS } from "~/pages/anomalies/words";
import type { Change } from "~/pages/rule/RuleForm";

const CATEGORIES = ["duration", "resource", "amount", "status_code", "location", "object_id", "other"];
const STATISTICS = ["p50", "p90", "p95", "p99", "max", "min", "distinct"];
const OPERATORS = [
  { value: ">=", label: "at least" },
  { value: "<=", label: "at most" },
];
const DIRECTIONS = [
  { value: "up", label: "more" },
  { value: "down", label: "fewer" },
  { value: "either", label: "more or fewer" },
];

const ANOMALIES = [{ value: "", label: "any" }, ...Object.keys(KINDS).map((kind) => ({ value: kind, label: kind }))];

type Field =
  | "window_min"
  | "threshold"
  | "factor"
  | "baseline_windows"
  | "min_count"
  | "min_score";

const LABELS: Record<Field, string> = {
  window_min: "In a window of, minutes",
  threshold: "Threshold",
  factor: "Times",
  baseline_windows: "Than the mean of windows before",
  min_count: "With at least, records",
  min_score: "With a score of at least",
};

/** The numbers that a kind of rule reads, and no others. */
export function ConditionFields({ rule, set }: { rule: WantedRule; set: Change }) {
  const condition = { ...DEFAULTS, ...rule.condition };
  const change = (part: Condition) => set({ condition: { ...rule.condition, ...part } });
  const number = (name: Field) => (
    <NumberInput
      key={name}
      label={LABELS[name]}
      size="xs"
      value={condition[name]}
      onChange={(value) => {
        if (value !== "") change({ [name]: Number(value) });
      }}
    />
  );
  const comparison = (
    <Select
      label="Fires at"
      data={OPERATORS}
      value={condition.op}
      allowDeselect={false}
      onChange={(op) => change({ op: op as NonNullable<Condition["op"]> })}
    />
  );
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
      {rule.kind === "count" ? (
        <>
          {comparison}
          {number("threshold")}
          {number("window_min")}
        </>
      ) : null}
      {rule.kind === "absence" ? number("window_min") : null}
      {rule.kind === "rate" || rule.kind === "template_change" ? (
        <>
          {number("factor")}
          <Select
            label="Records"
            data={DIRECTIONS}
            value={condition.direction}
            allowDeselect={false}
            onChange={(way) => change({ direction: way as NonNullable<Condition["direction"]> })}
          />
          {number("window_min")}
          {number("baseline_windows")}
          {number("min_count")}
        </>
      ) : null}
      {rule.kind === "anomaly" ? (
        <>
          <Select
            label="Of the kind"
            data={ANOMALIES}
            value={condition.anomaly_kind}
            allowDeselect={false}
            onChange={(kind) => change({ anomaly_kind: kind as NonNullable<Condition["anomaly_kind"]> })}
          />
          {number("min_score")}
        </>
      ) : null}
      {rule.kind === "variable" ? (
        <>
          <Select
            label="Statistic"
            data={STATISTICS}
            value={condition.statistic}
            allowDeselect={false}
            onChange={(s) => change({ statistic: s as NonNullable<Condition["statistic"]> })}
          />
          <Select
            label="Of the variable"
            description={condition.category === "duration" ? "in seconds" : undefined}
            data={CATEGORIES}
            value={condition.category}
            allowDeselect={false}
            onChange={(c) => change({ category: c as NonNullable<Condition["category"]> })}
          />
          {comparison}
          {number("threshold")}
          {number("window_min")}
        </>
      ) : null}
    </SimpleGrid>
  );
}
