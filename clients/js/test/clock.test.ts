import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { systemClock, Timer } from "../src/clock.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const clock = () => systemClock({ setTimeout, clearTimeout, unref: false });

test("time goes on when one of the two clocks stands still, and never goes back", () => {
  const time = clock();
  const now = () => time.now();
  expect(now()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(now()).toBe(1_000);
  vi.setSystemTime(Date.now() + 60_000);
  expect(now()).toBe(61_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  expect(now()).toBe(61_000);
  vi.advanceTimersByTime(500);
  expect(now()).toBe(61_500);
});

test("a timer fires once, at its latest deadline", () => {
  const time = clock();
  const fired: number[] = [];
  const timer = new Timer(time, () => fired.push(time.now()));
  timer.set(100);
  timer.set(300);
  vi.advanceTimersByTime(299);
  expect([timer.at, fired]).toEqual([300, []]);
  vi.advanceTimersByTime(500);
  expect([timer.at, fired]).toEqual([null, [300]]);
  timer.set(900);
  timer.set(null);
  vi.advanceTimersByTime(5_000);
  expect(fired).toEqual([300]);
});

test("a timer may be further away than setTimeout reaches", () => {
  const fired = vi.fn();
  const timer = new Timer(clock(), fired);
  timer.set(2 ** 31 + 5_000);
  vi.advanceTimersByTime(2 ** 31);
  expect(fired).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5_000);
  expect(fired).toHaveBeenCalledOnce();
});
