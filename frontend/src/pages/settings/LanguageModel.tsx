import { Alert, Button, Code, Group, Stack, Switch, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { api } from "~/api/client";
import {
  languageModelQuery,
  type LanguageModel as Stored,
  type ModelTest,
  type WantedLanguageModel,
} from "~/api/triage";
import { ProblemState } from "~/components/ProblemState";

/** Where the language model is, what it may cost, and a test that really asks it. */
export function LanguageModel() {
  const stored = useQuery(languageModelQuery);
  return (
    <section aria-label="Language model">
      <Title order={2} mb={4}>
        Language model
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Optional. Any server that speaks the OpenAI protocol: Ollama, vLLM, llama.cpp or hosted. It
        is asked only about patterns that the small model is unsure of, and what is private is
        replaced before anything is sent.
      </Text>
      {stored.isError ? <ProblemState error={stored.error} /> : null}
      {stored.data ? <Form stored={stored.data} /> : null}
    </section>
  );
}

interface Draft {
  base_url: string;
  model: string;
  key: string;
  enabled: boolean;
  calls: string;
  tokens: string;
  money: string;
  input_price: string;
  output_price: string;
}

const limit = (text: string) => (text.trim() === "" ? null : Number(text));

function body(draft: Draft, stored: Stored): WantedLanguageModel {
  return {
    timeout_s: stored.timeout_s,
    streams: stored.streams,
    base_url: draft.base_url,
    model: draft.model,
    // An empty field leaves the stored key alone.
    ...(draft.key === "" ? {} : { key: draft.key }),
    enabled: draft.enabled,
    calls_a_day: limit(draft.calls),
    tokens_a_day: limit(draft.tokens),
    money_a_day: limit(draft.money),
    input_price: Number(draft.input_price),
    output_price: Number(draft.output_price),
  };
}

function draftOf(stored: Stored): Draft {
  return {
    base_url: stored.base_url,
    model: stored.model,
    key: "",
    enabled: stored.enabled,
    calls: String(stored.calls_a_day ?? ""),
    tokens: String(stored.tokens_a_day ?? ""),
    money: String(stored.money_a_day ?? ""),
    input_price: String(stored.input_price),
    output_price: String(stored.output_price),
  };
}

const FIELDS = [
  { name: "calls", label: "Calls a day" },
  { name: "tokens", label: "Tokens a day" },
  { name: "money", label: "Money a day" },
  { name: "input_price", label: "Price, million tokens in" },
  { name: "output_price", label: "Price, million tokens out" },
] as const;

function Form({ stored }: { stored: Stored }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(stored));
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const save = useMutation({
    mutationFn: () => api.put<Stored>("/triage/language-model", body(draft, stored)),
    onSuccess: () => {
      set({ key: "" });
      void client.invalidateQueries({ queryKey: languageModelQuery.queryKey });
    },
  });
  const test = useMutation({
    mutationFn: () => api.post<ModelTest>("/triage/language-model/test", body(draft, stored)),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const error = save.error ?? test.error;
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" maw={640}>
        <TextInput
          label="Base URL"
          placeholder="http://127.0.0.1:11434/v1"
          required
          value={draft.base_url}
          onChange={(event) => set({ base_url: event.currentTarget.value })}
        />
        <TextInput
          label="Model"
          required
          value={draft.model}
          onChange={(event) => set({ model: event.currentTarget.value })}
        />
        <TextInput
          label="Key"
          type="password"
          autoComplete="off"
          description={stored.has_key ? "Stored and never shown; empty leaves it" : "If it needs one"}
          value={draft.key}
          onChange={(event) => set({ key: event.currentTarget.value })}
        />
        <Group grow align="flex-start">
          {FIELDS.map((field) => (
            <TextInput
              key={field.name}
              label={field.label}
              placeholder="no limit"
              inputMode="decimal"
              size="xs"
              value={draft[field.name]}
              onChange={(event) => set({ [field.name]: event.currentTarget.value })}
            />
          ))}
        </Group>
        <Switch
          label="Ask it"
          checked={draft.enabled}
          onChange={(event) => set({ enabled: event.currentTarget.checked })}
        />
        {stored.error ? (
          <Alert color="yellow" variant="light" title="It did not answer last time">
            {stored.error}
          </Alert>
        ) : null}
        {error ? (
          <Alert color="red" variant="light" role="alert">
            {error.message}
          </Alert>
        ) : null}
        {test.data ? <TestResult result={test.data} /> : null}
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
          <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            Test
          </Button>
          {save.isSuccess ? (
            <Text size="sm" role="status">
              Saved
            </Text>
          ) : null}
        </Group>
      </Stack>
    </form>
  );
}

/** The real answer, or the real failure; both are data and shown as plain text. */
function TestResult({ result }: { result: ModelTest }) {
  const cost = `${result.elapsed_ms} ms, ${result.input_tokens} + ${result.output_tokens} tokens`;
  return (
    <Alert
      color={result.ok ? "green" : "red"}
      variant="light"
      role="status"
      title={result.ok ? `${result.model} answers: ${result.label}` : "No usable answer"}
    >
      <Text size="sm">{result.ok ? result.reason : result.detail}</Text>
      <Text size="xs">{cost}</Text>
      <details>
        <summary>What was sent</summary>
        <Code block>{result.sent}</Code>
      </details>
    </Alert>
  );
}
