import type { Job } from "../../api/types";
import type { JobView } from "../job/jobView";

/** The list, in which the job that is looked at is as far as its own page; it is asked for less often than that is told. */
export function withCurrent(jobs: readonly Job[], current: JobView | undefined): Job[] {
  if (!current) return [...jobs];
  const { job, counts, status } = current;
  const { processed, total, created, updated, unchanged, deleted, skipped, failed } = counts;
  const told = { processed, total, created, updated, unchanged, deleted, skipped, failed, status };
  return jobs.map((listed) => (listed.id === job.id ? { ...listed, ...told } : listed));
}
