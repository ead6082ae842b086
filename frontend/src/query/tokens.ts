/** The query language's tokens, for colouring and for editing a query by clicks. The server's
 *  grammar (`logplatform/logs/query.py`) decides what a query means; this only finds the pieces. */

export type TokenKind = "field" | "value" | "string" | "operator" | "paren" | "word";

export interface Token {
  kind: TokenKind;
  text: string;
  from: number;
  to: number;
}

const SPACE = /\s+/y;
const OPERATOR = /(?:AND|OR|NOT)(?=[\s()"]|$)|-(?=[^\s-])/y;
const STRING = /(?:i:|re:)?"(?:[^"\\]|\\.)*(?:"|$)/suy;
const FIELD = /[^\W\d][\w.@$-]*:(?!\/\/)(?=[^\s)])/uy;
const COMPARISON = />=|<=|>|<|=/y;
const WORD = /[^\s()"][^\s()]*/y;
const VALUE = /[^\s()"<>=][^\s()]*/y;

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let afterField = false;
  while (at < query.length) {
    const space = matchAt(SPACE, query, at);
    if (space !== undefined) {
      at += space.length;
      afterField = false;
      continue;
    }
    const [kind, text] = next(query, at, afterField);
    tokens.push({ kind, text, from: at, to: at + text.length });
    at += text.length;
    afterField = kind === "field" || (afterField && kind === "operator");
  }
  return tokens;
}

function next(query: string, at: number, afterField: boolean): [TokenKind, string] {
  const char = query.charAt(at);
  if (char === "(" || char === ")") return ["paren", char];
  const string = matchAt(STRING, query, at);
  if (string !== undefined) return ["string", string];
  if (afterField) {
    const comparison = matchAt(COMPARISON, query, at);
    if (comparison !== undefined) return ["operator", comparison];
    return ["value", matchAt(VALUE, query, at) ?? char];
  }
  const operator = matchAt(OPERATOR, query, at);
  if (operator !== undefined) return ["operator", operator];
  const field = matchAt(FIELD, query, at);
  if (field !== undefined) return ["field", field];
  return ["word", matchAt(WORD, query, at) ?? char];
}
