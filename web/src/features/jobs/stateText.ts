import { isOver } from "../../api/jobStatus";
import type { Job } from "../../api/types";
import { count, percent, plural } from "../../lib/format";
import { countsText, kinds } from "../job/kinds";

/** How far a job is, or what it came to, in a few words. */
export function stateText(job: Job): string {
  if (isOver(job.status)) return countsText(job, count);
  const { row } = kinds[job.kind];
  return job.total > 0 ? `${percent(job.processed, job.total)} % of ${plural(job.total, row)}` : `${plural(job.processed, row)} so far`;
}
