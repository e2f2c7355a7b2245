import type { JobDetails, JobStatus } from "../../api/types";
import type { CountsAt, JobProgress } from "../../realtime";

/** A job as the page shows it: what the server said last, whichever way it said it. */
export interface JobView {
  job: JobDetails;
  status: JobStatus;
  counts: CountsAt;
}

/**
 * Joins the job that was asked for with what its events have told since. Counts are absolute and never go back, so the
 * further ones are the newer ones.
 */
export function jobView(job: JobDetails, received: number, progress: JobProgress): JobView {
  const asked: CountsAt = { ...job, remaining_seconds: job.remaining_seconds ?? null, seq: job.last_seq, received };
  const told = progress.counts;
  const counts = told && told.processed >= asked.processed ? told : asked;
  // With the same events behind both, the job that was asked for is the later word on its status.
  const status = told && told.seq > asked.seq ? told.status : job.status;
  return { job, counts, status: progress.completion?.status ?? status };
}

/** Seconds of work so far, which go on between two events while the job runs. */
export function elapsed({ counts, status }: JobView, now: number): number {
  const ticking = status === "running" || status === "cancelling";
  return counts.seconds + (ticking ? Math.max(0, now - counts.received) / 1000 : 0);
}
