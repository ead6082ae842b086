import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { sourcesQuery } from "~/api/queries";

interface Props {
  value: string | undefined;
  onChange: (source: string | undefined) => void;
}

const ALL = "";

export function SourceSelect({ value, onChange }: Props) {
  const sources = useQuery(sourcesQuery);
  const names = (sources.data ?? []).map((source) => source.name);
  // A link may name a source that is gone; hiding that would show wrong results as right ones.
  const known = value && !names.includes(value) ? [value, ...names] : names;
  return (
    <Select
      aria-label="Source"
      size="sm"
      w={180}
      data={[{ value: ALL, label: "All sources" }, ...known.map((name) => ({ value: name, label: name }))]}
      value={value ?? ALL}
      onChange={(next) => onChange(next === null || next === ALL ? undefined : next)}
      allowDeselect={false}
      searchable={names.length > 8}
    />
  );
}
