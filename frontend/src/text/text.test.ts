import { describe, expect, test } from "vitest";

import { safeCut, segmentsOf } from "~/text/segments";
import { templatePieces } from "~/text/templates";
import { visiblePieces } from "~/text/visible";

const variable = (start: number, end: number, category = "object_id") => ({
  start,
  end,
  category,
  value: "",
});

describe("segmentsOf", () => {
  test("counts UTF-16 units, so text after an emoji is cut in the right place", () => {
    const text = "💥 block blk_1 lost";
    const segments = segmentsOf(text, [variable(9, 14)]);
    expect(segments.map((segment) => segment.text)).toEqual(["💥 block ", "blk_1", " lost"]);
    expect(segments.map((segment) => segment.text).join("")).toBe(text);
  });
  test("clips to the asked range and joins back to exactly that text", () => {
    const text = "0123456789";
    const segments = segmentsOf(text, [variable(1, 4), variable(6, 20)], 2, 8);
    expect(segments.map((segment) => segment.text).join("")).toBe("234567");
  });
  test("never shows text twice where variables overlap", () => {
    const segments = segmentsOf("abcdef", [variable(0, 4), variable(2, 6)]);
    expect(segments.map((segment) => segment.text).join("")).toBe("abcdef");
  });
  test("leaves out empty variables", () => {
    expect(segmentsOf("abc", [variable(1, 1)])).toEqual([{ text: "abc", start: 0 }]);
  });
});

test("safeCut never halves a surrogate pair", () => {
  expect(safeCut("a💥b", 2)).toBe(1);
  expect(safeCut("a💥b", 3)).toBe(3);
  expect(safeCut("ab", 9)).toBe(2);
});

describe("visiblePieces", () => {
  test("shows escapes, NULs and direction marks as symbols", () => {
    const shown = visiblePieces("a\u001b[31mb\u0000\u202ec", true).map((piece) => piece.text);
    expect(shown).toEqual(["a", "␛", "[31mb", "␀", "⟨U+202E⟩", "c"]);
  });
  test("keeps line ends in a block and shows them in a row", () => {
    expect(visiblePieces("a\nb", true)).toEqual([{ text: "a\nb", control: false }]);
    expect(visiblePieces("a\nb", false).map((piece) => piece.text)).toEqual(["a", "↵", "b"]);
  });
});

test("templatePieces finds typed and untyped variables and leaves other brackets alone", () => {
  const pieces = templatePieces("got <OID> of <*> in <init>");
  expect(pieces.map((piece) => piece.text)).toEqual(["got ", "<OID>", " of ", "<*>", " in <init>"]);
  expect(pieces.map((piece) => piece.category?.name)).toEqual([
    undefined,
    "object_id",
    undefined,
    "other",
    undefined,
  ]);
});
