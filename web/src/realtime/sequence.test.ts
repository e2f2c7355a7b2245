import { expect, test } from "vitest";

import { EventSequence } from "./sequence";
import { jobLog } from "./testing";

const log = jobLog(5);
const numbers = (events: readonly { seq: number }[]) => events.map(({ seq }) => seq);
const pick = (...seqs: number[]) => seqs.flatMap((seq) => log[seq - 1] ?? []);

test("passes on what is next and drops repeats", () => {
  const sequence = new EventSequence(0);
  expect(numbers(sequence.offer(pick(1, 2)))).toEqual([1, 2]);
  expect(numbers(sequence.offer(pick(1, 2, 3)))).toEqual([3]);
});

test("puts a shuffled batch in order", () => {
  const sequence = new EventSequence(0);
  expect(numbers(sequence.offer(pick(3, 1, 2, 3)))).toEqual([1, 2, 3]);
});

test("begins behind what is known", () => {
  const sequence = new EventSequence(4);
  expect(numbers(sequence.offer(pick(3, 4, 5)))).toEqual([5]);
});

test("holds what comes behind a gap until the gap is filled", () => {
  const sequence = new EventSequence(0);
  expect(sequence.offer(pick(3, 4))).toEqual([]);
  expect(sequence.hasGap()).toBe(true);
  expect(numbers(sequence.offer(pick(1, 2)))).toEqual([1, 2, 3, 4]);
  expect(sequence.hasGap()).toBe(false);
});

test("a settled stretch closes the gaps inside it and those that follow on", () => {
  const sequence = new EventSequence(0);
  sequence.offer(pick(4, 6));
  expect(numbers(sequence.settle(pick(1, 3)))).toEqual([1, 3, 4]);
  expect(sequence.hasGap()).toBe(true);
  expect(numbers(sequence.settle(pick(6)))).toEqual([6]);
});

test("release gives up on the gaps", () => {
  const sequence = new EventSequence(0);
  sequence.offer(pick(3, 6));
  expect(numbers(sequence.release())).toEqual([3, 6]);
  expect(sequence.last).toBe(6);
});

test("does not hold more than its bound", () => {
  const long = jobLog(2_000);
  const sequence = new EventSequence(0);
  expect(sequence.offer(long.slice(1, 2_001))).toHaveLength(0);
  expect(sequence.offer(long.slice(2_001, 2_002))).toHaveLength(2_001);
});
