import { Button, Popover } from "@mantine/core";
import { IconChevronDown, IconClock } from "@tabler/icons-react";
import { useState } from "react";

import { useZone } from "~/app/preferences";
import { RangeForm } from "~/components/RangeForm";
import classes from "~/components/RangePicker.module.css";
import { describeRange, PRESETS, type Range } from "~/format/range";

interface Props {
  range: Range;
  onChange: (range: Range) => void;
}

export function RangePicker({ range, onChange }: Props) {
  const [opened, setOpened] = useState(false);
  const [zone] = useZone();
  const choose = (next: Range) => {
    setOpened(false);
    onChange(next);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus shadow="md">
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          className={classes["target"] ?? ""}
          leftSection={<IconClock size={15} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          onClick={() => setOpened((open) => !open)}
          aria-label={`Time range: ${describeRange(range, zone)}`}
        >
          <span className="num">{describeRange(range, zone)}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <div className={classes["panel"]}>
          <ul className={classes["presets"]} aria-label="Relative ranges">
            <Preset label="All time" active={!range.from && !range.to} onChoose={() => choose({})} />
            {PRESETS.map((preset) => (
              <Preset
                key={preset.from}
                label={preset.label}
                active={range.from === preset.from}
                onChoose={() => choose({ from: preset.from })}
              />
            ))}
          </ul>
          <RangeForm range={range} onChoose={choose} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

interface PresetProps {
  label: string;
  active: boolean;
  onChoose: () => void;
}

function Preset({ label, active, onChoose }: PresetProps) {
  return (
    <li>
      <button type="button" className={classes["preset"]} aria-pressed={active} onClick={onChoose}>
        {label}
      </button>
    </li>
  );
}
