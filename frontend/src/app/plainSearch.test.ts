import { expect, test } from "vitest";

import { parsePlain, pick, stringifyPlain } from "~/app/plainSearch";

test("a query survives the URL, signs and all", () => {
  const q = 'level:error "a+b & c=d" -location:"/10.0.0.1:80" 100% 💥';
  expect(parsePlain(stringifyPlain({ q }))).toEqual({ q });
});

test("numbers stay text and empty values leave no trace", () => {
  expect(stringifyPlain({ q: "500", source: "" })).toBe("?q=500");
});

test("pick keeps only known text parameters", () => {
  expect(pick({ q: "a", evil: "b", from: 3 }, ["q", "from"])).toEqual({ q: "a" });
});
