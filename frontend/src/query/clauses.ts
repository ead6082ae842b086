/** A query as a list of conditions that all must hold, so that a click can add, flip or take one
 *  away and leave what was typed as it was. */

import { tokenize, type Token } from "~/query/tokens";

export interface Clause {
  /** The clause as it stands in the query. */
  text: string;
  negated: boolean;
  /** Set where the clause is `field:value` or `field:(a OR b)`. */
  field?: string;
  /** The values as written, quotes included. */
  values: string[];
}

const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;
const KEYWORD = /^(?:AND|OR|NOT)$/;
const ESCAPES: Record<string, string> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };

/** `value` as the query language writes it: bare where nothing in it could mean anything else. */
export function quoteValue(value: string): string {
  if (PLAIN.test(value) && !KEYWORD.test(value)) return value;
  const inner = value
    .replace(/["\\]/g, (char) => `\\${char}`)
    .replace(/[\u0000-\u001f\u007f]/g, (char) => ESCAPES[char] ?? hexEscape(char));
  return `"${inner}"`;
}

const hexEscape = (char: string) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** Cut a query at its top-level conjunctions. An OR at the top is one clause, in parentheses. */
export function clausesOf(query: string): Clause[] {
  const tokens = tokenize(query);
  if (tokens.length === 0) return [];
  if (hasTopLevelOr(tokens)) return [{ text: `(${query.trim()})`, negated: false, values: [] }];
  const clauses: Clause[] = [];
  let start = 0;
  while (start < tokens.length) {
    if (tokens[start]?.text === "AND") {
      start += 1;
      continue;
    }
    const stop = clauseEnd(tokens, start);
    clauses.push(readClause(query, tokens.slice(start, stop)));
    start = stop;
  }
  return clauses;
}

function hasTopLevelOr(tokens: Token[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (token.text === "(" && token.kind === "paren") depth += 1;
    else if (token.text === ")" && token.kind === "paren") depth -= 1;
    else if (depth === 0 && token.kind === "operator" && token.text === "OR") return true;
  }
  return false;
}

const isNegation = (token: Token | undefined) =>
  token?.kind === "operator" && (token.text === "NOT" || token.text === "-");

function clauseEnd(tokens: Token[], start: number): number {
  let at = start;
  while (isNegation(tokens[at])) at += 1;
  if (tokens[at]?.kind === "field") {
    at += 1;
    if (tokens[at]?.kind === "operator") at += 1;
  }
  if (tokens[at]?.text !== "(") return at + 1;
  let depth = 0;
  for (; at < tokens.length; at += 1) {
    if (tokens[at]?.text === "(") depth += 1;
    if (tokens[at]?.text === ")") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return tokens.length;
}

function readClause(query: string, tokens: Token[]): Clause {
  const negations = tokens.findIndex((token) => !isNegation(token));
  const skip = negations < 0 ? tokens.length : negations;
  const body = tokens.slice(skip);
  const text = query.slice(tokens[0]?.from, tokens.at(-1)?.to);
  const clause: Clause = { text, negated: skip % 2 === 1, values: [] };
  const [field, ...rest] = body;
  if (field?.kind !== "field") return clause;
  clause.field = field.text.slice(0, -1);
  // A comparison is no set of values: it can be removed by its field, not extended.
  if (rest[0]?.kind === "operator") return clause;
  clause.values = rest
    .filter((token) => token.kind !== "paren" && token.text !== "OR")
    .map((token) => token.text);
  return clause;
}

const joined = (clauses: Clause[]) => clauses.map((clause) => clause.text).join(" ");

function termClause(field: string, values: string[], negated: boolean): Clause {
  const right = values.length === 1 ? (values[0] ?? "") : `(${values.join(" OR ")})`;
  return { text: `${negated ? "-" : ""}${field}:${right}`, negated, field, values };
}

function withoutValue(clauses: Clause[], field: string, value: string): Clause[] {
  return clauses.flatMap((clause) => {
    if (clause.field !== field || !clause.values.includes(value)) return [clause];
    const values = clause.values.filter((item) => item !== value);
    return values.length === 0 ? [] : [termClause(field, values, clause.negated)];
  });
}

export type Stance = "included" | "excluded" | undefined;

/** Whether a query holds `field:value`, its opposite, or neither, at its top level. */
export function stanceOf(query: string, field: string, value: string): Stance {
  const written = quoteValue(value);
  const found = clausesOf(query).find(
    (clause) => clause.field === field && clause.values.includes(written),
  );
  return found && (found.negated ? "excluded" : "included");
}

/** Ask for `field:value`; a second value of the field widens to either, asking again undoes it. */
export function toggleInclude(query: string, field: string, value: string): string {
  const written = quoteValue(value);
  const clauses = withoutValue(clausesOf(query), field, written);
  if (stanceOf(query, field, value) === "included") return joined(clauses);
  const at = clauses.findIndex((c) => c.field === field && !c.negated && c.values.length > 0);
  const present = clauses[at];
  if (!present) return joined([...clauses, termClause(field, [written], false)]);
  return joined(clauses.with(at, termClause(field, [...present.values, written], false)));
}

export function toggleExclude(query: string, field: string, value: string): string {
  const written = quoteValue(value);
  const clauses = withoutValue(clausesOf(query), field, written);
  if (stanceOf(query, field, value) === "excluded") return joined(clauses);
  return joined([...clauses, termClause(field, [written], true)]);
}

/** The query without its top-level conditions on `field`: what its facet is counted over, so that
 *  choosing one value does not hide the others. */
export function withoutField(query: string, field: string): string {
  const clauses = clausesOf(query);
  const kept = clauses.filter((clause) => clause.field !== field);
  return kept.length === clauses.length ? query : joined(kept);
}

/** Add a phrase found anywhere in the raw record. */
export function addPhrase(query: string, phrase: string): string {
  const text = quoteValue(phrase);
  return joined([...clausesOf(query), { text: text.startsWith('"') ? text : `"${text}"`, negated: false, values: [] }]);
}

/** The server counts code points; an editor counts UTF-16 units. */
export function utf16Position(text: string, codePoints: number): number {
  let units = 0;
  let points = 0;
  for (const char of text) {
    if (points >= codePoints) break;
    units += char.length;
    points += 1;
  }
  return units;
}
