/** A template's text cut into what a person can correct: variables, and words that are constant. */

export interface Part {
  kind: "text" | "word" | "variable";
  text: string;
  /** Of a variable, from 0. */
  variable?: number;
  /** Of a word: code points from the start of the template's text, as the API counts them. */
  start?: number;
  end?: number;
}

const MARK = "<*>";
const PUNCTUATION = /^[([{"']*|[)\]}"'.,:;]*$/g;

const points = (text: string) => Array.from(text).length;

export function templateParts(text: string): Part[] {
  const parts: Part[] = [];
  let variable = 0;
  let at = 0;
  for (const token of text.split(/(\s+)/)) {
    if (token.includes(MARK)) {
      const pieces = token.split(MARK);
      pieces.forEach((piece, index) => {
        if (index > 0) parts.push({ kind: "variable", text: MARK, variable: variable++ });
        if (piece !== "") parts.push({ kind: "text", text: piece });
      });
    } else {
      parts.push(...wordParts(token, points(text.slice(0, at))));
    }
    at += token.length;
  }
  return parts;
}

function wordParts(token: string, at: number): Part[] {
  const word = token.replace(PUNCTUATION, "");
  if (word.trim() === "" || !/[\p{L}\p{N}]/u.test(word)) {
    return token === "" ? [] : [{ kind: "text", text: token }];
  }
  const head = token.indexOf(word);
  const start = at + points(token.slice(0, head));
  const tail = token.slice(head + word.length);
  const found: Part[] = [{ kind: "word", text: word, start, end: start + points(word) }];
  if (head > 0) found.unshift({ kind: "text", text: token.slice(0, head) });
  if (tail !== "") found.push({ kind: "text", text: tail });
  return found;
}
