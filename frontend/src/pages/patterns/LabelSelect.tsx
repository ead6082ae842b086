import { Select } from "@mantine/core";

import type { PatternPage } from "~/api/types";

interface Props {
  task: string;
  page: PatternPage | undefined;
  value: string | undefined;
  onChange: (label: string | undefined) => void;
}

/** Only patterns with one label of triage; how many have each stands beside it. */
export function LabelSelect({ task, page, value, onChange }: Props) {
  const found = (page?.labels ?? []).filter((label) => label.task === task);
  if (found.length === 0 && !value) return null;
  const counted = found.map(({ label, templates }) => ({
    value: label,
    label: `${label} (${templates})`,
  }));
  const data = counted.some((one) => one.value === value) || !value ? counted : [...counted, value];
  return (
    <Select
      size="sm"
      w={150}
      aria-label={`Only this ${task}`}
      placeholder={`Any ${task}`}
      clearable
      data={data}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
