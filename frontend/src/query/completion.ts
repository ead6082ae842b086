/** What the query bar suggests: fields, levels, and values that the records at hand really have. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";

import type { QueryField } from "~/api/types";
import { recentQueries } from "~/query/recent";
import { quoteValue } from "~/query/clauses";
import { tokenize, type Token } from "~/query/tokens";
import { CATEGORIES } from "~/text/categories";
import { LEVELS } from "~/text/levels";

export interface ValueChoice {
  value: string;
  label: string;
  count: number;
}

/** What the editor asks the server while a query is written. */
export interface Suggestions {
  /** The values of a field among what the rest of the query finds. */
  values: (field: string) => Promise<ValueChoice[]>;
  /** The fields of the language and of the logs at hand. */
  fields: () => Promise<QueryField[]>;
}

function fieldOption(field: QueryField, index: number): Completion {
  return { label: `${field.name}:`, detail: field.help, info: field.example, boost: 50 - index };
}

const OPERATORS: Completion[] = [
  { label: "AND", detail: "both", boost: -1 },
  { label: "OR", detail: "either", boost: -1 },
  { label: "NOT", detail: "without", boost: -1 },
  { label: 'i:""', detail: "text, any case", boost: -2 },
  { label: 're:""', detail: "regular expression (RE2)", boost: -2 },
];

const VALUE_FIELDS = new Set([
  "template",
  "component",
  "severity",
  "category",
  "problem",
  ...CATEGORIES.map((item) => item.name),
]);

/** The field whose value is being written at `at`, if one is. */
export function fieldAt(query: string, at: number): { field: string; from: number } | undefined {
  const tokens = tokenize(query.slice(0, at));
  const last = tokens.at(-1);
  if (!last || last.to !== at) return undefined;
  const name = (token: Token) => token.text.slice(0, -1);
  // `level:` alone is a word to the grammar, for a field needs a value behind it.
  if (/^[^\W\d][\w.@$-]*:$/u.test(last.text)) return { field: name(last), from: at };
  const before = tokens.at(-2);
  const touching = before?.kind === "field" && before.to === last.from;
  return touching ? { field: name(before), from: last.from } : undefined;
}

async function valueOptions(field: string, suggestions: Suggestions): Promise<Completion[]> {
  if (field === "level") return LEVELS.toReversed().map((level) => ({ label: level }));
  if (!VALUE_FIELDS.has(field)) return [];
  const choices = await suggestions.values(field);
  return choices.map((choice, index) => ({
    label: quoteValue(choice.value),
    detail: choice.count.toLocaleString("en-US"),
    ...(choice.label !== choice.value && { info: choice.label }),
    boost: -index,
  }));
}

export function completeQuery(suggestions: Suggestions) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const query = context.state.doc.toString();
    if (query.trim() === "") {
      return recentAndFields(context, await suggestions.fields());
    }
    const place = fieldAt(query, context.pos);
    if (place) {
      const options = await valueOptions(place.field, suggestions);
      return { from: place.from, options, validFor: /^[^\s()]*$/ };
    }
    const word = context.matchBefore(/[\w.@$-]*$/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const fields = (await suggestions.fields()).map(fieldOption);
    return { from: word.from, options: [...fields, ...OPERATORS], validFor: /^[\w.@$-]*$/ };
  };
}

function recentAndFields(context: CompletionContext, known: QueryField[]): CompletionResult {
  const recent = recentQueries().map((query, index) => ({
    label: query,
    section: { name: "Recent", rank: 0 },
    boost: -index,
  }));
  const section = { name: "Fields", rank: 1 };
  const fields = known.map((field, index) => ({ ...fieldOption(field, index), section }));
  return { from: 0, to: context.pos, options: [...recent, ...fields], filter: false };
}
