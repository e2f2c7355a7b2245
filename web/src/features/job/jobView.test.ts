import { describe, expect, test } from "vitest";

import type { JobDetails as Job } from "../../api/types";
import { applyEvents, newestCounts } from "../../realtime/progress";
import { noProgress } from "../../realtime";
import { jobLog, row } from "../../realtime/testing";
import { elapsed, jobView } from "./jobView";
import { joinRows } from "./joinRows";
import { shownOutcomes } from "./kinds";
import { standstill, summary } from "./summary";

const log = jobLog(6);
const job = { ...newestCounts(null, log.slice(0, 4)), kind: "import", options: {}, status: "running", last_seq: 4, dry_run: false, error: null } as unknown as Job;
const progressUntil = (seq: number) => applyEvents(noProgress, log.slice(0, seq));

describe("a job and its events", () => {
  test("the newer counts hold, whichever way they came", () => {
    expect(jobView(job, 0, noProgress).counts).toMatchObject({ processed: 2, seq: 4 });
    expect(jobView(job, 0, progressUntil(8)).counts).toMatchObject({ processed: 4, seq: 8 });
    expect(jobView(job, 0, progressUntil(2)).counts).toMatchObject({ processed: 2, seq: 4 });
  });

  test("a status that was asked for is not undone by an event from before", () => {
    const paused = { ...job, status: "paused" } as Job;
    expect(jobView(paused, 0, progressUntil(4)).status).toBe("paused");
    expect(jobView(paused, 0, progressUntil(6)).status).toBe("running");
  });

  test("completion ends it at once", () => {
    const view = jobView(job, 0, applyEvents(noProgress, log));
    expect(view.status).toBe("completed");
    expect(view.counts.processed).toBe(6);
  });

  test("the elapsed time goes on between events, but only while it runs", () => {
    const view = jobView(job, 10_000, noProgress);
    expect(elapsed(view, 13_000)).toBe(view.counts.seconds + 3);
    expect(elapsed({ ...view, status: "paused" }, 13_000)).toBe(view.counts.seconds);
  });
});

test("a job that stands still unasked says why, and one that was paused does not", () => {
  const told = (changes: Partial<Job>) => standstill(jobView({ ...job, ...changes }, 0, noProgress));
  expect(told({ status: "paused" })).toBeNull();
  expect(told({ status: "running" })).toBeNull();
  expect(told({ status: "interrupted" })?.text).toContain("no user is created twice");
  expect(told({ status: "paused", error: { code: "forbidden", message: "PingOne refuses." } })?.text).toMatch(/^PingOne refuses\./);
});

describe("the summary", () => {
  const ended = (changes: Partial<Job>) =>
    summary(jobView({ ...job, status: "completed", processed: 6, created: 4, failed: 2, seconds: 65, ...changes }, 0, noProgress));

  test("waits for the end", () => expect(summary(jobView(job, 0, noProgress))).toBeNull());

  test("of a success", () => {
    expect(ended({ created: 6, failed: 0 })).toMatchObject({ tone: "ok", title: "Import finished: 6 users created in 1 min 05 s" });
  });

  test("of failures", () => {
    expect(ended({})).toMatchObject({ tone: "warn", title: "Import finished in 1 min 05 s: 4 users created, 2 rows failed" });
  });

  test("of a dry run never says that something was created", () => {
    const told = ended({ dry_run: true });
    expect(told?.title).toBe("Dry run finished in 1 min 05 s: 4 users would be created, 2 rows would fail");
    expect(told?.text).toContain("Nothing was written");
  });

  test("of a cancelled import says what stays", () => {
    const told = ended({ status: "cancelled", processed: 3, created: 2, total: 6 });
    expect(told?.title).toBe("Cancelled after 3 of 6 rows");
    expect(told?.text).toBe("2 users created before stay in PingOne. The other 3 rows were not sent.");
  });

  test("of an error gives the server's reason", () => {
    const told = ended({ status: "failed", error: { code: "forbidden", message: "PingOne refuses." } });
    expect(told).toMatchObject({ tone: "bad", text: "PingOne refuses. 6 of 6 rows were done before." });
  });
});

test("an import always shows its three outcomes, others only when they occur", () => {
  const none = { created: 0, updated: 0, unchanged: 0, deleted: 0, skipped: 0, failed: 0 };
  expect(shownOutcomes("import", none)).toEqual(["created", "skipped", "failed"]);
  expect(shownOutcomes("import", { ...none, updated: 1 })).toEqual(["created", "updated", "skipped", "failed"]);
});

test("failures from before and since the page was opened are joined, each once, newest first", () => {
  const joined = joinRows([row(9), row(6)], [row(1), row(3), row(6)]);
  expect(joined.map(({ row }) => row)).toEqual([9, 6, 3, 1]);
});
