import { notifications } from "@mantine/notifications";

import type { Hit } from "~/api/types";
import { useListKeys } from "~/app/globalKeys";

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
  useListKeys((key) => actionFor(key, rows));
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
