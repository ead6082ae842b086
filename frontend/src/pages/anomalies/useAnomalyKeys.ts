import type { Anomaly, Word } from "~/api/anomalies";
import { useListKeys } from "~/app/globalKeys";
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
  useListKeys((key) => actionFor(key, rows));
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
