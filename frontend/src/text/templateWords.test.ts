import { describe, expect, it } from "vitest";

import { templateParts } from "~/text/templateWords";

describe("templateParts", () => {
  it("numbers variables and places words", () => {
    const parts = templateParts("session opened for user <*> (uid=<*>), done.");
    expect(parts.filter((part) => part.kind === "variable").map((part) => part.variable)).toEqual([
      0, 1,
    ]);
    const words = parts.filter((part) => part.kind === "word");
    expect(words.map((part) => part.text)).toEqual(["session", "opened", "for", "user", "done"]);
    expect(words.at(1)).toMatchObject({ start: 8, end: 14 });
    expect(parts.map((part) => part.text).join("")).toBe(
      "session opened for user <*> (uid=<*>), done.",
    );
  });

  it("counts code points", () => {
    expect(templateParts("😀 gone").find((part) => part.text === "gone")).toMatchObject({
      start: 2,
      end: 6,
    });
  });
});
