import { Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCopy, IconFilterMinus, IconFilterPlus } from "@tabler/icons-react";

import type { PointedVariable } from "~/components/record/useVariablePointer";
import classes from "~/components/record/VariableTip.module.css";
import { categoryOf } from "~/text/categories";

interface Props {
  pointed: PointedVariable | null;
  onClose: () => void;
  onInclude: (field: string, value: string) => void;
  onExclude: (field: string, value: string) => void;
}

export function VariableMenu({ pointed, onClose, onInclude, onExclude }: Props) {
  const clipboard = useClipboard();
  if (!pointed) return null;
  const { variable, rect } = pointed;
  const category = categoryOf(variable.category);
  return (
    <Menu opened onClose={onClose} position="bottom-start" trapFocus returnFocus width={260}>
      <Menu.Target>
        <span
          className={classes["anchor"]}
          style={{ left: rect.left, top: rect.top, height: rect.height }}
        />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{category.label}</Menu.Label>
        <Menu.Item
          leftSection={<IconFilterPlus size={15} />}
          onClick={() => onInclude(category.name, variable.value)}
        >
          Only records with this value
        </Menu.Item>
        <Menu.Item
          leftSection={<IconFilterMinus size={15} />}
          onClick={() => onExclude(category.name, variable.value)}
        >
          Without this value
        </Menu.Item>
        <Menu.Item
          leftSection={<IconCopy size={15} />}
          onClick={() => clipboard.copy(variable.value)}
        >
          Copy value
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
