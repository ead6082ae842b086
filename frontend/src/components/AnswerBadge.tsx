import type { Answer } from "~/api/triage";
import classes from "~/components/AnswerBadge.module.css";
import { provenance } from "~/text/answers";

/** A label, who gave it and how sure; an unsure one says so. */
export function AnswerBadge({ answer }: { answer: Answer | undefined }) {
  if (!answer?.label) return <span className={classes["who"]}>not labelled</span>;
  const unsure = answer.state === "review" && answer.who !== "log";
  return (
    <span className={classes["root"]} data-label={answer.label}>
      <span>
        {answer.label}
        {unsure ? "?" : ""}
      </span>
      <span className={classes["who"]}>{provenance(answer)}</span>
    </span>
  );
}
