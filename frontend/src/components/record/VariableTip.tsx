import { Portal } from "@mantine/core";

import type { PointedVariable } from "~/components/record/useVariablePointer";
import classes from "~/components/record/VariableTip.module.css";
import { categoryOf } from "~/text/categories";

export function VariableTip({ pointed }: { pointed: PointedVariable }) {
  const category = categoryOf(pointed.variable.category);
  const { left, top } = pointed.rect;
  return (
    <Portal>
      <div
        role="tooltip"
        className={classes["tip"]}
        style={{ left: Math.max(8, left), top: top - 6 }}
      >
        <strong data-family={category.family}>{category.label}</strong>
        <span>{category.teaches}</span>
      </div>
    </Portal>
  );
}
