import { ActionIcon, Tooltip } from "@mantine/core";
import { IconFilterMinus, IconFilterPlus } from "@tabler/icons-react";

import { CopyAction } from "~/components/CopyAction";
import type { Stance } from "~/query/clauses";

interface Props {
  name: string;
  value: string;
  stance?: Stance;
  onInclude: () => void;
  onExclude: () => void;
}

export function ValueTools({ name, value, stance, onInclude, onExclude }: Props) {
  return (
    <>
      <Tooltip label="Only records with this value">
        <ActionIcon
          size={24}
          variant={stance === "included" ? "light" : "subtle"}
          aria-label={`Only ${name} ${value}`}
          aria-pressed={stance === "included"}
          onClick={onInclude}
        >
          <IconFilterPlus size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Without this value">
        <ActionIcon
          size={24}
          variant={stance === "excluded" ? "light" : "subtle"}
          aria-label={`Without ${name} ${value}`}
          aria-pressed={stance === "excluded"}
          onClick={onExclude}
        >
          <IconFilterMinus size={14} />
        </ActionIcon>
      </Tooltip>
      <CopyAction value={value} label={`Copy ${name}`} />
    </>
  );
}
