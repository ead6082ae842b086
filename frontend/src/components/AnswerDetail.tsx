import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Answer } from "~/api/triage";
import { provenance, taskLabel, whyLabel } from "~/text/answers";

/** One answer with who gave it, how sure, and why. What a model wrote is shown as plain text. */
export function AnswerDetail({ answer }: { answer: Answer }) {
  return (
    <section aria-label={taskLabel(answer.task)}>
      <Text size="sm">
        <strong>
          {taskLabel(answer.task)}: {answer.label || "not labelled"}
        </strong>{" "}
        <Text span c="dimmed">
          by {provenance(answer)}
          {answer.large_model ? ` (${answer.large_model})` : ""}
          {answer.state === "review" ? "; waits for a person" : ""}
        </Text>
      </Text>
      {answer.state === "review" && whyLabel(answer.why) ? (
        <Text size="sm" c="dimmed">
          Not asked further: {whyLabel(answer.why)}.
        </Text>
      ) : null}
      {answer.reason ? <Text size="sm">{answer.reason}</Text> : null}
      {answer.next_step ? <Text size="sm">Next: {answer.next_step}</Text> : null}
      {answer.cites.length > 0 ? (
        <Text size="sm">
          Cites{" "}
          {answer.cites.map((id) => (
            <Link key={id} to="/records/$id" params={{ id }}>
              {id}{" "}
            </Link>
          ))}
        </Text>
      ) : null}
    </section>
  );
}
