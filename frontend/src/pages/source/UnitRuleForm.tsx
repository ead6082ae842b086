import { Button, Group, NumberInput, Select, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";

import type { UnitRule } from "~/text/unitRule";

interface Props {
  rule: UnitRule | null;
  isBusy: boolean;
  onSave: (rule: UnitRule | null) => void;
}

const WAYS = [
  { value: "itself", label: "Chosen by itself" },
  { value: "identifier", label: "Records with one identifier" },
  { value: "window", label: "So many records" },
];

/** Choose what a unit is; saving learns the source anew. */
export function UnitRuleForm({ rule, isBusy, onSave }: Props) {
  const [way, setWay] = useState(wayOf(rule));
  const [pattern, setPattern] = useState(rule?.pattern ?? "");
  const [name, setName] = useState(rule?.name ?? "");
  const [size, setSize] = useState<number | string>(rule?.size ?? 100);
  const [step, setStep] = useState<number | string>(rule?.step ?? 50);
  const save = (event: SyntheticEvent) => {
    event.preventDefault();
    if (way === "itself") onSave(null);
    else if (way === "identifier") onSave({ pattern, name, size: 100, step: 50 });
    else onSave({ pattern: "", name: "", size: Number(size), step: Number(step) });
  };
  return (
    <form onSubmit={save} aria-label="Unit rule">
      <Group gap="sm" align="flex-end">
        <Select
          label="A unit is"
          size="sm"
          w={240}
          allowDeselect={false}
          data={WAYS}
          value={way}
          onChange={(next) => setWay(next ?? "itself")}
        />
        {way === "identifier" ? (
          <>
            <TextInput
              label="Regex of the identifier"
              placeholder="order_\d+"
              size="sm"
              required
              classNames={{ input: "mono" }}
              value={pattern}
              onChange={(event) => setPattern(event.currentTarget.value)}
            />
            <TextInput
              label="Only after the word"
              placeholder="any"
              size="sm"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </>
        ) : null}
        {way === "window" ? (
          <>
            <NumberInput label="Records" size="sm" w={110} min={1} value={size} onChange={setSize} />
            <NumberInput label="Every" size="sm" w={110} min={1} value={step} onChange={setStep} />
          </>
        ) : null}
        <Button type="submit" variant="default" loading={isBusy}>
          Save and learn anew
        </Button>
      </Group>
    </form>
  );
}

function wayOf(rule: UnitRule | null): string {
  if (!rule) return "itself";
  return rule.pattern ? "identifier" : "window";
}
