import { useEffect, useRef } from "react";

import type { Anomaly, Word } from "~/api/anomalies";
import { isTyping, withModifier } from "~/app/globalKeys";
import { WORDS } from "~/pages/anomalies/words";

/** What keys need of an anomaly, of the list or of its own page. */
type Keyed = Omit<Anomaly, "answers">;

interface Rows {
  anomalies: Keyed[];
  selected: number;
  select: (index: number) => void;
  open: (anomaly: Keyed) => void;
  say: (anomaly: Keyed, word: Word) => void;
}

/** j and k move, Enter opens, one letter says something of the selected anomaly. */
export function useAnomalyKeys(rows: Rows): void {
  const latest = useRef(rows);
  useEffect(() => {
    latest.current = rows;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || withModifier(event) || event.defaultPrevented) return;
      const onControl = (event.target as HTMLElement).closest("button, a, [role=menu], [role=dialog]");
      const act =
        onControl && event.key.length > 1 ? undefined : actionFor(event.key, latest.current);
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

function actionFor(key: string, rows: Rows): (() => void) | undefined {
  const { anomalies, selected } = rows;
  if (key === "j" || key === "ArrowDown") {
    return () => rows.select(Math.min(anomalies.length - 1, selected + 1));
  }
  if (key === "k" || key === "ArrowUp") return () => rows.select(Math.max(0, selected - 1));
  const anomaly = anomalies[selected];
  if (!anomaly) return undefined;
  if (key === "Enter") return () => rows.open(anomaly);
  const found = WORDS.find((item) => item.key === key);
  return found ? () => rows.say(anomaly, found.word) : undefined;
}
