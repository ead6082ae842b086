/** How this browser likes its logs: kept locally, because a shared link shouldn't change it. */

import { useLocalStorage } from "@mantine/hooks";

import type { Zone } from "~/format/times";

export function useZone(): [Zone, (zone: Zone) => void] {
  const [zone, setZone] = useLocalStorage<Zone>({
    key: "logplatform-zone",
    defaultValue: "utc",
    getInitialValueInEffect: false,
  });
  return [zone, setZone];
}

export interface RowView {
  wrap: boolean;
  raw: boolean;
  marks: boolean;
}

export function useRowView(): [RowView, (view: RowView) => void] {
  const [view, setView] = useLocalStorage<RowView>({
    key: "logplatform-rows",
    defaultValue: { wrap: false, raw: false, marks: true },
    getInitialValueInEffect: false,
  });
  return [view, setView];
}
