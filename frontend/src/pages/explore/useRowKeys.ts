import { notifications } from "@mantine/notifications";
import { useEffect, useRef } from "react";

import type { Hit } from "~/api/types";
import { isTyping, withModifier } from "~/app/globalKeys";

interface Rows {
  count: number;
  selected: number;
  select: (index: number) => void;
  hitAt: (index: number) => Hit | undefined;
  toggle: (index: number) => void;
  close: () => void;
  zoomOut: () => void;
}

/** j and k move, Enter opens, c copies, Esc closes, z zooms out. */
export function useRowKeys(rows: Rows): void {
  const latest = useRef(rows);
  useEffect(() => {
    latest.current = rows;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || withModifier(event) || event.defaultPrevented) return;
      // Enter and Esc belong to a button or menu that has the focus.
      const onControl = (event.target as HTMLElement).closest("button, a, [role=menu], [role=dialog]");
      const act = onControl && event.key.length > 1 ? undefined : actionFor(event.key, latest.current);
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

function actionFor(key: string, rows: Rows): (() => void) | undefined {
  const { selected, count } = rows;
  switch (key) {
    case "j":
    case "ArrowDown":
      return () => rows.select(Math.min(count - 1, selected + 1));
    case "k":
    case "ArrowUp":
      return () => rows.select(Math.max(0, selected - 1));
    case "Enter":
      return selected >= 0 ? () => rows.toggle(selected) : undefined;
    case "Escape":
      return rows.close;
    case "z":
      return rows.zoomOut;
    case "c": {
      const hit = rows.hitAt(selected);
      return hit ? () => void copy(hit) : undefined;
    }
    default:
      return undefined;
  }
}

async function copy(hit: Hit): Promise<void> {
  await navigator.clipboard.writeText(hit.raw);
  notifications.show({ message: "Record copied", autoClose: 1500 });
}
