import { describe, expect, test } from "vitest";

import type { Job, JobDetails } from "../../api/types";
import { noProgress } from "../../realtime";
import { rivals } from "../jobs/rivals";
import { jobView } from "./jobView";
import { countsText, nameOf, outcomeWord } from "./kinds";
import { standstill, summary } from "./summary";
import { toldWarnings } from "./warnings";

const none = { created: 0, updated: 0, unchanged: 0, deleted: 0, skipped: 0, failed: 0 };

function job(changes: Partial<Job>): JobDetails {
  const base = { id: "j1", status: "completed", seconds: 5, last_seq: 1, dry_run: false, error: null, options: {}, total: 6, processed: 6 };
  return { ...base, ...none, ...changes } as unknown as JobDetails;
}

const titleOf = (changes: Partial<Job>) => summary(jobView(job(changes), 0, noProgress))?.title;

describe("how each kind ended", () => {
  test.each([
    [{ kind: "import", created: 4, updated: 2 }, "Import finished: 4 users created, 2 updated in 5 s"],
    [{ kind: "modify", updated: 1, unchanged: 5 }, "Modification finished: 1 user updated, 5 unchanged in 5 s"],
    [{ kind: "modify", updated: 0, unchanged: 6 }, "Modification finished: 0 users updated, 6 unchanged in 5 s"],
    [{ kind: "modify", updated: 4, failed: 2 }, "Modification finished in 5 s: 4 users updated, 2 rows failed"],
    [{ kind: "delete", deleted: 5, failed: 1 }, "Deletion finished in 5 s: 5 users deleted, 1 user failed"],
    [{ kind: "export", unchanged: 6 }, "Export finished: 6 users in 5 s"],
    [{ kind: "export", unchanged: 0, total: 0 }, "No user matches, so the file has none"],
  ] as [Partial<Job>, string][])("%o", (changes, title) => expect(titleOf(changes)).toBe(title));

  test.each([
    [{ kind: "modify", updated: 2, unchanged: 3, created: 1 }, "Dry run finished in 5 s: 2 users would be updated, 1 would be created, 3 unchanged"],
    [{ kind: "delete", deleted: 6 }, "Plan finished in 5 s: 6 users would be deleted"],
    [{ kind: "export", unchanged: 6 }, "6 users would be exported"],
  ] as [Partial<Job>, string][])("as a dry run: %o", (changes, title) => expect(titleOf({ ...changes, dry_run: true })).toBe(title));

  test("a cancelled deletion does not say that anybody stays", () => {
    const told = summary(jobView(job({ kind: "delete", status: "cancelled", deleted: 2, processed: 2 }), 0, noProgress));
    expect(told?.text).toBe("2 users deleted before are gone. The other 4 users were not deleted.");
  });
});

test("a full disk is not blamed on PingOne", () => {
  for (const code of ["disk_full", "output_failed"]) {
    const told = standstill(jobView(job({ kind: "export", status: "paused", error: { code, message: "the file cannot be written" } }), 0, noProgress));
    expect(told?.title).toBe("The export was paused because of trouble");
    expect(told?.text).toBe("The file cannot be written. Resume the export when that is mended.");
  }
});

test("a dry run never says that something was done", () => {
  expect(nameOf({ kind: "delete", dry_run: true })).toBe("Plan of a deletion");
  expect(nameOf({ kind: "import", dry_run: true })).toBe("Dry run of an import");
  expect(outcomeWord({ kind: "delete", dry_run: true }, "deleted")).toBe("Would be deleted");
  expect(outcomeWord({ kind: "export", dry_run: true }, "unchanged")).toBe("Counted");
  expect(countsText(job({ kind: "delete", dry_run: true, deleted: 3, failed: 1 }), String)).toBe("3 would be deleted, 1 would fail");
});

test("a name that protects nobody is told of its plan, and is no other job", () => {
  const message = 'no user has the username or id "adaa", so this protects nobody';
  const plan = job({ kind: "delete", dry_run: true, warnings: [{ code: "unknown_protected", message, other_job: null }] });
  const text = 'No user has the username or id "adaa", so this protects nobody.';
  expect(toldWarnings(plan)).toEqual([{ title: "A name on the list of protected users protects nobody", text }]);
  expect(rivals(plan, [plan])).toEqual([]);
});

test("every warning is told with its message, known or not, but for those about other jobs", () => {
  const codes = ["ignored_columns", "surplus_cells", "missing_cells", "population_kept", "same_users", "brand_new"];
  const warned = job({ kind: "import", warnings: codes.map((code) => ({ code, message: `what ${code} says`, other_job: null })) });
  expect(toldWarnings(warned)).toEqual([
    { title: "Columns of the file are left out", text: "What ignored_columns says." },
    { title: "Values may stand in wrong columns", text: "What surplus_cells says." },
    { title: "Some rows have fewer values than the header", text: "What missing_cells says." },
    { title: "The population is still there", text: "What population_kept says." },
    { title: "A warning about the import", text: "What brand_new says." },
  ]);
  expect(toldWarnings(job({ kind: "import", warnings: undefined }))).toEqual([]);
});

test("both of two jobs with the same users are warned, each of the other", () => {
  const warning = { code: "same_users", message: "2 users of this job are also in job j1, which runs now; …", other_job: "j1" };
  const [first, second] = [job({ id: "j1" }), job({ id: "j2", warnings: [warning] })];
  expect(rivals(second, [first, second]).map((it) => it.other_job)).toEqual(["j1"]);
  expect(rivals(first, [first, second]).map((it) => it.other_job)).toEqual(["j2"]);
  expect(rivals(job({ id: "j3" }), [first, second])).toEqual([]);
  expect(rivals(first, [second])[0]?.message).toMatch(/^2 users of this job are also in another one; /);
});
