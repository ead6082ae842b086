import { Button, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";

import { api } from "~/api/client";
import { answersQuery } from "~/api/triage";
import type { Pattern } from "~/api/types";
import { AnswerDetail } from "~/components/AnswerDetail";
import { ProblemState } from "~/components/ProblemState";
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
          <AnswerDetail key={answer.task} answer={answer} />
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
