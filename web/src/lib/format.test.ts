import { describe, expect, test } from "vitest";

import { ago, count, duration, fileSize, percent, plural, rate, remaining } from "./format";

test("figures have thousands separators", () => {
  expect(count(1_000_000)).toBe("1,000,000");
  expect(plural(1, "row")).toBe("1 row");
  expect(plural(12_000, "row")).toBe("12,000 rows");
});

test("a rate has one decimal only while that says something", () => {
  expect(rate(12.34)).toBe("12.3/s");
  expect(rate(99.96)).toBe("100/s");
  expect(rate(10_234.6)).toBe("10,235/s");
});

describe("percent", () => {
  test.each([
    [0, 0, 0],
    [0, 10, 0],
    [1, 1_000_000, 1],
    [999_999, 1_000_000, 99],
    [1_000_000, 1_000_000, 100],
    [12, 10, 100],
  ])("%i of %i is %i", (done, total, expected) => expect(percent(done, total)).toBe(expected));
});

test.each([
  [0.2, "0 s"],
  [59.4, "59 s"],
  [59.6, "1 min 00 s"],
  [125, "2 min 05 s"],
  [3_780, "1 h 03 min"],
])("%d seconds last %s", (seconds, text) => expect(duration(seconds)).toBe(text));

test.each([
  [2, "a few seconds"],
  [31, "35 s"],
  [61, "2 minutes"],
  [4_000, "1 h 06 min"],
])("%d seconds remain as %s", (seconds, text) => expect(remaining(seconds)).toBe(text));

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_536, "1.5 KB"],
  [250_000_000, "250 MB"],
])("%d bytes are %s", (bytes, text) => expect(fileSize(bytes)).toBe(text));

test("a moment in the past", () => {
  const now = Date.parse("2026-01-02T12:00:00Z");
  expect(ago("2026-01-02T11:59:30Z", now)).toBe("just now");
  expect(ago("2026-01-02T11:55:00Z", now)).toBe("5 minutes ago");
  expect(ago("2026-01-02T10:30:00Z", now)).toBe("1 hour ago");
  expect(ago("2025-12-24T12:00:00Z", now)).toBe("Dec 24, 2025");
  expect(ago("never", now)).toBe("");
});
