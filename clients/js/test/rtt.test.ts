import { expect, test } from "vitest";

import { RoundTrip } from "../src/rtt.js";

test("the time-out is one second before the first measurement and never less", () => {
  const rtt = new RoundTrip();
  expect([rtt.smoothed, rtt.timeout]).toEqual([null, 1_000]);
  rtt.measured(20);
  expect([rtt.smoothed, rtt.timeout]).toEqual([20, 1_000]);
});

test("follows RFC 6298", () => {
  const rtt = new RoundTrip();
  rtt.measured(800);
  expect([rtt.smoothed, rtt.timeout]).toEqual([800, 800 + 4 * 400]);
  rtt.measured(1_600);
  expect([rtt.smoothed, rtt.timeout]).toEqual([900, 900 + 4 * (0.75 * 400 + 0.25 * 800)]);
});

test("doubles with every deadline that passes, until the next measurement", () => {
  const rtt = new RoundTrip();
  const timeouts = Array.from({ length: 8 }, () => {
    rtt.backOff();
    return rtt.timeout / 1_000;
  });
  expect(timeouts).toEqual([2, 4, 8, 16, 20, 20, 20, 20]);
  rtt.measured(0);
  expect(rtt.timeout).toBe(1_000);
});
