/** Answers of triage in words: who said it and how sure. */

import type { Answer } from "~/api/triage";

const WHO: Record<string, string> = {
  small: "small model",
  large: "language model",
  person: "person",
  log: "the log itself",
  nobody: "nobody yet",
};

export const whoLabel = (who: string) => WHO[who] ?? who;

const TASKS: Record<string, string> = {
  anomaly_severity: "severity",
  anomaly_problem: "problem",
};

export const taskLabel = (task: string) => TASKS[task] ?? task;

const WHY: Record<string, string> = {
  no_large_model: "no language model is set up",
  not_better: "the language model was not better so far",
  no_budget: "the day's budget is spent",
  down: "the language model did not answer",
  refused: "the language model refused",
  bad_answer: "the language model answered in a wrong form",
};

export const whyLabel = (why: string) => WHY[why] ?? "";

/** Who answered and how sure; the log's own level is no prediction and has no share. */
export function provenance(answer: Pick<Answer, "who" | "confidence">): string {
  if (answer.confidence === null || answer.who === "person") return whoLabel(answer.who);
  return `${whoLabel(answer.who)}, ${Math.round(answer.confidence * 100)} % sure`;
}

export const answerTo = <T extends Answer>(answers: T[], task: string) =>
  answers.find((answer) => answer.task === task);

/** A question's name among others: those about anomalies say so. */
export const questionLabel = (task: string) => task.replace("anomaly_", "anomaly ");
