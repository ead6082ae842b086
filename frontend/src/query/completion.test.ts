import { expect, test } from "vitest";

import { fieldAt } from "~/query/completion";

test("a field is found right behind its colon and inside its value", () => {
  expect(fieldAt("disk level:", 11)).toEqual({ field: "level", from: 11 });
  expect(fieldAt("level:err", 9)).toEqual({ field: "level", from: 6 });
  expect(fieldAt('location:"/10.', 14)).toEqual({ field: "location", from: 9 });
});

test("a plain word and a finished value have no field", () => {
  expect(fieldAt("disk", 4)).toBeUndefined();
  expect(fieldAt("level:error ", 12)).toBeUndefined();
  expect(fieldAt("level:error d", 13)).toBeUndefined();
});
