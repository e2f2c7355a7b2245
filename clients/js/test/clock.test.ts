import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { systemClock, Timer } from "../src/clock.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const clock = () => systemClock({ setTimeout, clearTimeout, unref: false });

test("time does not follow the wall clock, which is a reason to look when it moves ahead", () => {
  const time = clock();
  const seen = () => [time.now(), time.mayHaveSlept()];
  expect(seen()).toEqual([0, false]);
  vi.advanceTimersByTime(1_000);
  expect(seen()).toEqual([1_000, false]);
  vi.setSystemTime(Date.now() + 60_000);
  expect(seen()).toEqual([1_000, true]);
  expect(seen()).toEqual([1_000, false]);
  vi.setSystemTime(Date.now() - 3_600_000);
  expect(seen()).toEqual([1_000, false]);
  vi.setSystemTime(Date.now() + 900);
  vi.advanceTimersByTime(500);
  expect(seen()).toEqual([1_500, false]);
});

test("where there is no steady clock, the wall clock is one that never goes back", () => {
  vi.stubGlobal("performance", undefined);
  const time = clock();
  vi.setSystemTime(Date.now() + 5_000);
  expect(time.now()).toBe(5_000);
  vi.setSystemTime(Date.now() - 60_000);
  expect(time.now()).toBe(5_000);
  vi.advanceTimersByTime(10);
  expect(time.now()).toBe(5_010);
  vi.unstubAllGlobals();
});

test("a late timer and a step of the wall clock disturb measurements, a timer in time does not", () => {
  const time = clock();
  time.after(100, () => undefined);
  vi.advanceTimersByTime(100);
  expect(time.disturbedAt()).toBe(-Infinity);
  const cancel = time.after(100, () => undefined);
  cancel();
  vi.advanceTimersByTime(5_000);
  expect(time.disturbedAt()).toBe(-Infinity);
  time.after(100, () => undefined);
  const before = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => before() + 5_000);
  expect(time.disturbedAt()).toBe(10_100);
  vi.restoreAllMocks();
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
