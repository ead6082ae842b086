import { Button, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { api } from "~/api/client";
import { answersQuery } from "~/api/triage";
import type { Pattern } from "~/api/types";
import { ProblemState } from "~/components/ProblemState";
import { provenance, whyLabel } from "~/text/answers";
import { TemplateText } from "~/text/TemplateText";

const WAIT_MS = 1_500;

/** Everything that is known of a pattern's meaning. What a model wrote is shown as plain text. */
export function AnswerPanel({ pattern, onClose }: { pattern: Pattern; onClose: () => void }) {
  const explain = useMutation({
    mutationFn: () =>
      api.post("/triage/explanations", { source: pattern.source, template: pattern.id }),
  });
  const answers = useQuery({
    ...answersQuery(pattern.source, pattern.id),
    refetchInterval: explain.isSuccess ? WAIT_MS : false,
  });
  const found = answers.data ?? pattern.answers;
  const explained = found.some((answer) => answer.task === "explanation");
  return (
    <Modal opened onClose={onClose} title="What this pattern means" size="lg">
      <Stack gap="md">
        <div>
          <TemplateText typedText={pattern.typed_text} />
        </div>
        {answers.isError ? <ProblemState error={answers.error} /> : null}
        {found.map((answer) => (
          <section key={answer.task} aria-label={answer.task}>
            <Text size="sm">
              <strong>
                {answer.task}: {answer.label || "not labelled"}
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
        ))}
        {explain.isError ? (
          <Text size="sm" role="alert">
            {explain.error.message}
          </Text>
        ) : null}
        <Button
          variant="default"
          loading={explain.isPending || (explain.isSuccess && !explained)}
          onClick={() => explain.mutate()}
        >
          {explained ? "Explain again" : "Explain with the language model"}
        </Button>
      </Stack>
    </Modal>
  );
}
