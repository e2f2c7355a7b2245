import { expect, test } from "vitest";

import { applyEvents, KEPT_ROWS, newestCounts, noProgress } from "./progress";
import { jobLog, row } from "./testing";

test("counts come from the newest event and are never added up", () => {
  const log = jobLog(6);
  const counts = newestCounts(null, [...log.slice(4, 8), ...log.slice(0, 4)]);
  expect(counts).toMatchObject({ seq: 8, processed: 4 });
  expect(newestCounts(counts, log.slice(0, 6))).toBe(counts);
});

test("the completion's counts are final and have no rate", () => {
  const { counts, completion } = applyEvents(noProgress, jobLog(6));
  expect(counts).toMatchObject({ processed: 6, failed: 2, created: 4, rate: null, remaining_seconds: null });
  expect(completion?.status).toBe("completed");
});

test("keeps the newest failures only, whatever the size of the job", () => {
  const events = jobLog(3 * (KEPT_ROWS + 50));
  const { failed } = applyEvents(noProgress, events);
  expect(failed).toHaveLength(KEPT_ROWS);
  expect(failed[0]?.row).toBe(3 * (KEPT_ROWS + 50));
});

test("keeps the newest rows of one big batch", () => {
  const rows = Array.from({ length: 1_000 }, (_, index) => row(index + 1, index % 2 ? "failed" : "skipped"));
  const event = { job: "j", seq: 1, at: "", type: "row", rows } as const;
  const progress = applyEvents(noProgress, [event]);
  expect(progress.failed.map(({ row }) => row).slice(0, 2)).toEqual([1_000, 998]);
  expect(progress.skipped[0]?.row).toBe(999);
});

test("remembers the latest troubles, newest first", () => {
  const trouble = (seq: number) =>
    ({ job: "j", seq, at: "", type: "error", code: "throttled", message: `${seq}`, fatal: false }) as const;
  const { troubles } = applyEvents(applyEvents(noProgress, [trouble(1), trouble(2)]), [trouble(3)]);
  expect(troubles.map(({ seq }) => seq)).toEqual([3, 2, 1]);
});
