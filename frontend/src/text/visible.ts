/** Control characters made visible: log text may hold escapes, NULs and direction marks, and a
 *  page must show them, not obey them. */

export interface Piece {
  text: string;
  control: boolean;
}

// C0 without tab and line end, DEL, C1, line and paragraph separators, and what turns or hides
// text: zero-width and bidirectional marks, the byte order mark.
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function nameOf(char: string, multiline: boolean): string | undefined {
  const code = char.charCodeAt(0);
  if (char === "\n") return multiline ? undefined : "↵";
  if (char === "\t") return multiline ? undefined : "⇥";
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** Cut `text` into what shows itself and what needs a stand-in. */
export function visiblePieces(text: string, multiline: boolean): Piece[] {
  const pieces: Piece[] = [];
  let last = 0;
  for (const found of text.matchAll(HIDDEN)) {
    const name = nameOf(found[0], multiline);
    if (name === undefined) continue;
    if (found.index > last) pieces.push({ text: text.slice(last, found.index), control: false });
    pieces.push({ text: name, control: true });
    last = found.index + 1;
  }
  if (last < text.length) pieces.push({ text: text.slice(last), control: false });
  return pieces;
}
