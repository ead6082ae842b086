import { useState, type MouseEvent, type ReactNode } from "react";

import type { Hit, Variable } from "~/api/types";
import { VariableMenu } from "~/components/record/VariableMenu";
import { VariableTip } from "~/components/record/VariableTip";

export interface PointedVariable {
  variable: Variable;
  rect: DOMRect;
}

interface Options {
  hitOf: (id: string) => Hit | undefined;
  onInclude: (field: string, value: string) => void;
  onExclude: (field: string, value: string) => void;
}

interface Pointer {
  handlers: {
    onMouseOver: (event: MouseEvent) => void;
    onMouseLeave: () => void;
    onClick: (event: MouseEvent) => void;
  };
  floating: ReactNode;
}

/** One tip and one menu for the variables of a whole table: thousands of spans get no listener. */
export function useVariablePointer({ hitOf, onInclude, onExclude }: Options): Pointer {
  const [over, setOver] = useState<PointedVariable | null>(null);
  const [clicked, setClicked] = useState<PointedVariable | null>(null);

  const find = (event: MouseEvent): PointedVariable | null => {
    const span = (event.target as HTMLElement).closest<HTMLElement>("[data-variable]");
    const hit = hitOf(span?.closest<HTMLElement>("[data-hit]")?.dataset["hit"] ?? "");
    const variable = hit?.variables[Number(span?.dataset["variable"])];
    return span && variable ? { variable, rect: span.getBoundingClientRect() } : null;
  };

  return {
    handlers: {
      onMouseOver: (event) => {
        const next = find(event);
        if (next?.variable !== over?.variable) setOver(next);
      },
      onMouseLeave: () => setOver(null),
      onClick: (event) => {
        const next = find(event);
        if (!next || window.getSelection()?.toString()) return;
        setClicked(next);
        setOver(null);
      },
    },
    floating: (
      <>
        {over && !clicked ? <VariableTip pointed={over} /> : null}
        <VariableMenu
          pointed={clicked}
          onClose={() => setClicked(null)}
          onInclude={onInclude}
          onExclude={onExclude}
        />
      </>
    ),
  };
}
