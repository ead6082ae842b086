import { describe, expect, test } from "vitest";

import { formatBytes, formatRatio, formatShare, formatShort, plural } from "~/format/numbers";
import { describeRange, fromFieldValue, isRangeEdge, resolveRange, toFieldValue } from "~/format/range";
import { formatDuration, formatInstant, formatTick } from "~/format/times";

describe("numbers", () => {
  test("bytes take the largest unit that keeps three figures", () => {
    expect(formatBytes(999)).toBe("999 B");
    expect(formatBytes(31_457_280)).toBe("31.5 MB");
    expect(formatBytes(999_999)).toBe("1.0 MB");
    expect(formatBytes(250e9)).toBe("250 GB");
  });
  test("short counts", () => {
    expect(formatShort(999)).toBe("999");
    expect(formatShort(222_579)).toBe("223k");
    expect(formatShort(12_345)).toBe("12.3k");
    expect(formatShort(10_000)).toBe("10k");
  });
  test("a share that exists is never shown as nothing or as everything", () => {
    expect(formatShare(0.0004)).toBe("<0.1 %");
    expect(formatShare(0.9999)).toBe(">99.9 %");
    expect(formatShare(1)).toBe("100 %");
    expect(formatShare(0.254)).toBe("25.4 %");
  });
  test("ratio and plural", () => {
    expect(formatRatio(3000, 100)).toBe("30.0×");
    expect(formatRatio(3000, 0)).toBe("–");
    expect(plural(1, "line")).toBe("1 line");
    expect(plural(2000, "batch", "batches")).toBe("2,000 batches");
  });
});

describe("times", () => {
  test("an instant with nanoseconds is shown to the millisecond", () => {
    expect(formatInstant("2008-11-09T20:36:15.123456789Z", "utc")).toBe("2008-11-09 20:36:15.123");
  });
  test("text that is no date stays as it came", () => {
    expect(formatInstant("soon", "utc")).toBe("soon");
  });
  test("durations show two units", () => {
    expect(formatDuration(120)).toBe("120 ms");
    expect(formatDuration(2_500)).toBe("2.5 s");
    expect(formatDuration(245_000)).toBe("4 min 5 s");
    expect(formatDuration(86_400_000 * 2)).toBe("2 d");
  });
  test("ticks are as precise as their axis", () => {
    const at = Date.UTC(2026, 10, 21, 3, 4, 5);
    expect(formatTick(at, 60_000, "utc")).toBe("03:04:05");
    expect(formatTick(at, 7_200_000, "utc")).toBe("03:04");
    expect(formatTick(at, 86_400_000 * 30, "utc")).toBe("11-21");
  });
});

describe("ranges", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  test("relative edges are resolved against the moment the query ran", () => {
    expect(resolveRange({ from: "now-1h", to: "now" }, now)).toEqual({
      start: "2026-11-21T11:00:00.000Z",
    });
  });
  test("absolute edges go to the server untouched, nanoseconds included", () => {
    expect(resolveRange({ from: "2026-01-01T00:00:00.000000001Z" }, now)).toEqual({
      start: "2026-01-01T00:00:00.000000001Z",
    });
  });
  test("nothing means all time", () => {
    expect(resolveRange({}, now)).toEqual({});
    expect(describeRange({}, "utc")).toBe("All time");
  });
  test("described as people say it", () => {
    expect(describeRange({ from: "now-15m" }, "utc")).toBe("Last 15 minutes");
    expect(describeRange({ from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }, "utc")).toBe(
      "2026-01-01 00:00:00 → 2026-01-02 00:00:00",
    );
  });
  test("edges are checked", () => {
    expect(isRangeEdge("now-3d")).toBe(true);
    expect(isRangeEdge("yesterday-ish")).toBe(false);
  });
  test("a field's value and the instant are each other's way back in UTC", () => {
    expect(fromFieldValue(toFieldValue("2026-11-21T03:04:05Z", "utc"), "utc")).toBe(
      "2026-11-21T03:04:05.000Z",
    );
  });
});
