import { Button, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useState, type SubmitEvent } from "react";

import { useZone } from "~/app/preferences";
import classes from "~/components/RangePicker.module.css";
import { fromFieldValue, resolveRange, toFieldValue, type Range } from "~/format/range";
import type { Zone } from "~/format/times";

interface Props {
  range: Range;
  onChoose: (range: Range) => void;
}

/** Absolute edges; an empty field leaves that side open. */
export function RangeForm({ range, onChoose }: Props) {
  const [zone, setZone] = useZone();
  const [edges, setEdges] = useState(() => fieldsOf(range, zone));
  const changeZone = (next: Zone) => {
    setEdges({ from: moved(edges.from, zone, next), to: moved(edges.to, zone, next) });
    setZone(next);
  };
  const from = edges.from === "" ? undefined : fromFieldValue(edges.from, zone);
  const to = edges.to === "" ? undefined : fromFieldValue(edges.to, zone);
  const backwards = from !== undefined && to !== undefined && from >= to;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!backwards) onChoose({ ...(from && { from }), ...(to && { to }) });
  };
  return (
    <form className={classes["form"]} onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          type="datetime-local"
          step={1}
          label="From"
          value={edges.from}
          onChange={(event) => setEdges({ ...edges, from: event.currentTarget.value })}
        />
        <TextInput
          type="datetime-local"
          step={1}
          label="To"
          value={edges.to}
          onChange={(event) => setEdges({ ...edges, to: event.currentTarget.value })}
          error={backwards ? "The end lies before the start" : undefined}
        />
        <SegmentedControl
          aria-label="Time zone"
          data={[
            { value: "utc", label: "UTC" },
            { value: "local", label: "Local" },
          ]}
          value={zone}
          onChange={(next) => changeZone(next)}
        />
        <Button type="submit" disabled={backwards}>
          Apply
        </Button>
      </Stack>
    </form>
  );
}

function fieldsOf(range: Range, zone: Zone): { from: string; to: string } {
  const { start, end } = resolveRange(range, Date.now());
  return { from: start ? toFieldValue(start, zone) : "", to: end ? toFieldValue(end, zone) : "" };
}

function moved(value: string, from: Zone, to: Zone): string {
  const iso = value === "" ? undefined : fromFieldValue(value, from);
  return iso === undefined ? value : toFieldValue(iso, to);
}
