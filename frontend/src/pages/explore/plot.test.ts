import { expect, test } from "vitest";

import type { Histogram } from "~/api/types";
import { extentOf, presentLevels, snapBrush, stackedData } from "~/pages/explore/plot";

const histogram: Histogram = {
  start: "2026-01-01T00:00:00Z",
  end: "2026-01-01T00:02:00Z",
  step_s: 60,
  total: 9,
  stats: {
    segments: 1,
    blocks_total: 1,
    blocks_read: 1,
    bytes_total: 1,
    elapsed_ms: 1,
    partial: false,
  },
  buckets: [
    { time: "2026-01-01T00:00:00Z", counts: { info: 5, error: 1 } },
    { time: "2026-01-01T00:01:00Z", counts: { info: 3 } },
  ],
};

test("series are running sums with the top of the stack first", () => {
  expect(presentLevels(histogram)).toEqual(["info", "error"]);
  const [, top, bottom] = stackedData(histogram, ["info", "error"]);
  expect(top).toEqual([6, 3]);
  expect(bottom).toEqual([5, 3]);
});

test("a brush grows to whole buckets and stays inside", () => {
  const { startMs, endMs, stepMs } = extentOf(histogram);
  expect(endMs - startMs).toBe(120_000);
  const snapped = snapBrush({ fromMs: startMs - 5, toMs: startMs + 61_000 }, startMs, stepMs);
  expect(snapped).toEqual({ fromMs: startMs, toMs: startMs + 120_000 });
});
