/** What kinds and states of anomalies are called, and the keys that change them. */

import type { Anomaly, Word } from "~/api/anomalies";

export const KINDS: Record<Anomaly["kind"], string> = {
  novelty: "Novelty",
  counts: "Counts",
  sequence: "Sequence",
  drift: "Drift",
  relation: "Relation",
  words: "Words",
};

export const STATES: Record<Anomaly["state"], string> = {
  open: "Open",
  acknowledged: "Acknowledged",
  muted: "Muted",
  confirmed: "Confirmed",
  false: "False alarm",
};

export const STATE_COLORS: Record<Anomaly["state"], string> = {
  open: "red",
  acknowledged: "indigo",
  muted: "gray",
  confirmed: "red",
  false: "gray",
};

export const WORDS: { word: Word; key: string; label: string; says: string }[] = [
  { word: "acknowledge", key: "a", label: "Acknowledge", says: "Somebody looks after this one" },
  { word: "confirm", key: "c", label: "Confirm", says: "Right: this pattern is wrong, in all units" },
  { word: "false", key: "f", label: "False alarm", says: "This pattern is usual, in all units" },
  { word: "mute", key: "m", label: "Mute", says: "Do not show this pattern" },
  { word: "reopen", key: "o", label: "Reopen", says: "Take back what was said of the pattern" },
];
