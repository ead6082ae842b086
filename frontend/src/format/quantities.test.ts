import { expect, it } from "vitest";

import { formatQuantity } from "~/format/quantities";

it.each([
  [0.0042, "s", "4.2 ms"],
  [0, "s", "0 s"],
  [7200, "s", "2 h"],
  [1_500_000, "B", "1.5 MB"],
  [12, "B", "12 B"],
  [0.875, "1", "87.5 %"],
  [1234, "", "1,230"],
  [45_600, "", "45.6k"],
  [200, "", "200"],
])("writes %s %s as %s", (value, unit, text) => {
  expect(formatQuantity(value, unit)).toBe(text);
});
