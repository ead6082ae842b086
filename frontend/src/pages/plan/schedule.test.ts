import { expect, test } from "vitest";

import { describeCron, readCron, writeCron } from "~/pages/plan/schedule";

test.each(["30 7 * * *", "0 18 * * 1-5", "5 0 * * 0", "0 6 1 * *"])("%s comes back", (cron) => {
  expect(writeCron(readCron(cron))).toBe(cron);
});

test("what has no plain choice stays cron", () => {
  expect(readCron("*/30 7 * * *").every).toBe("cron");
  expect(readCron("0 7 1 * 1").every).toBe("cron");
  expect(describeCron("0 7 15 * *")).toBe("0 7 15 * *");
});

test("a schedule is said in words", () => {
  expect(describeCron("30 7 * * 1")).toBe("each Monday at 07:30");
});
