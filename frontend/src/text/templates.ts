/** A template's text cut at its typed variables: `Received block <OID> of size <OBA>`. */

import { categoryOf, type Category } from "~/text/categories";

export interface TemplatePiece {
  text: string;
  category?: Category;
}

const MARK = /<(OID|LOI|OBN|TID|SID|TDA|CRS|OBA|STC|OTP|\*)>/g;

export function templatePieces(typedText: string): TemplatePiece[] {
  const pieces: TemplatePiece[] = [];
  let last = 0;
  for (const found of typedText.matchAll(MARK)) {
    if (found.index > last) pieces.push({ text: typedText.slice(last, found.index) });
    pieces.push({ text: found[0], category: categoryOf(found[1] ?? "*") });
    last = found.index + found[0].length;
  }
  if (last < typedText.length) pieces.push({ text: typedText.slice(last) });
  return pieces;
}
