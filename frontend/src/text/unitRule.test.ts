import { expect, it } from "vitest";

import { ruleText } from "~/text/unitRule";

it("names identifiers and windows", () => {
  expect(ruleText({ pattern: "blk_-?\\d+", name: "", size: 100, step: 50 })).toBe(
    "all records with one blk_-?\\d+",
  );
  expect(ruleText({ pattern: "^\\d{3,}$", name: "order", size: 100, step: 50 })).toBe(
    "all records with one ^\\d{3,}$ after “order”",
  );
  expect(ruleText({ pattern: "", name: "", size: 20, step: 10 })).toBe("20 records, every 10");
});
