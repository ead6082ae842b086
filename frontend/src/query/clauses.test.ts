import { describe, expect, test } from "vitest";

import {
  addPhrase,
  clausesOf,
  quoteValue,
  stanceOf,
  toggleExclude,
  toggleInclude,
  utf16Position,
  withoutField,
} from "~/query/clauses";

describe("quoteValue", () => {
  test("leaves plain words bare and quotes everything else", () => {
    expect(quoteValue("blk_-12")).toBe("blk_-12");
    expect(quoteValue("10.0.0.1:80")).toBe('"10.0.0.1:80"');
    expect(quoteValue("OR")).toBe('"OR"');
    expect(quoteValue("")).toBe('""');
  });
  test("escapes quotes, backslashes and control characters", () => {
    expect(quoteValue('C:\\a "b"\n\u0000')).toBe('"C:\\\\a \\"b\\"\\n\\x00"');
  });
});

describe("clausesOf", () => {
  test("cuts at spaces and ANDs but not inside quotes and parentheses", () => {
    const texts = clausesOf('disk "no space" AND level:(warn OR error) -status_code:>=500').map(
      (clause) => clause.text,
    );
    expect(texts).toEqual(["disk", '"no space"', "level:(warn OR error)", "-status_code:>=500"]);
  });
  test("keeps a negated group whole", () => {
    expect(clausesOf("a NOT (b OR c) d").map((c) => c.text)).toEqual(["a", "NOT (b OR c)", "d"]);
  });
  test("takes an OR at the top as one clause in parentheses", () => {
    expect(clausesOf("a OR b").map((clause) => clause.text)).toEqual(["(a OR b)"]);
  });
  test("does not take a URL or an unclosed quote for a field", () => {
    expect(clausesOf("http://x/y").map((clause) => clause.field)).toEqual([undefined]);
    expect(clausesOf('message:"half open').map((clause) => clause.field)).toEqual(["message"]);
  });
});

describe("clicks", () => {
  test("a first value includes, a second widens, a repeat takes back", () => {
    const one = toggleInclude("disk", "level", "error");
    expect(one).toBe("disk level:error");
    const two = toggleInclude(one, "level", "warn");
    expect(two).toBe("disk level:(error OR warn)");
    expect(toggleInclude(two, "level", "error")).toBe("disk level:warn");
    expect(toggleInclude("level:error", "level", "error")).toBe("");
  });
  test("excluding flips an included value", () => {
    const query = toggleExclude("level:error", "level", "error");
    expect(query).toBe("-level:error");
    expect(stanceOf(query, "level", "error")).toBe("excluded");
    expect(toggleInclude(query, "level", "error")).toBe("level:error");
  });
  test("a condition joins an OR without changing what it means", () => {
    expect(toggleInclude("a OR b", "level", "error")).toBe("(a OR b) level:error");
  });
  test("a comparison on the same field stays beside a value", () => {
    expect(toggleInclude("status_code:>=500", "status_code", "503")).toBe(
      "status_code:>=500 status_code:503",
    );
  });
  test("values that need quotes are recognised again", () => {
    const query = toggleInclude("", "location", "/10.250.19.102:54106");
    expect(stanceOf(query, "location", "/10.250.19.102:54106")).toBe("included");
  });
  test("withoutField drops only that field's conditions", () => {
    expect(withoutField("a -level:info level:(error OR warn) b", "level")).toBe("a b");
    expect(withoutField("a  AND b", "level")).toBe("a  AND b");
  });
  test("addPhrase quotes even a plain word", () => {
    expect(addPhrase("level:error", "disk")).toBe('level:error "disk"');
  });
});

test("utf16Position counts an astral character as two units", () => {
  expect(utf16Position("💥 level:", 2)).toBe(3);
  expect(utf16Position("abc", 10)).toBe(3);
});
