import { isOver } from "../../api/jobStatus";
import type { Job, JobStatus } from "../../api/types";
import { count, duration, plural } from "../../lib/format";
import type { CountsAt, JobProgress } from "../../realtime";
import type { Tone } from "../../ui/tone";

/** A job as the page shows it: what the server said last, whichever way it said it. */
export interface JobView {
  job: Job;
  status: JobStatus;
  counts: CountsAt;
}

/**
 * Joins the job that was asked for with what its events have told since. Counts are absolute and never go back, so the
 * further ones are the newer ones.
 */
export function jobView(job: Job, received: number, progress: JobProgress): JobView {
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

const statusWords: Record<JobStatus, string> = {
  queued: "Waiting to start",
  running: "Running",
  paused: "Paused",
  cancelling: "Cancelling",
  interrupted: "Interrupted",
  completed: "Completed",
  cancelled: "Cancelled",
  failed: "Stopped by an error",
};

export function statusText(status: JobStatus): string {
  return statusWords[status];
}

export interface Summary {
  tone: Tone;
  title: string;
  text: string;
}

/** Why a job stands still that nobody told to, and what to do about it; null while all is as it was asked for. */
export function standstill({ job, status }: JobView): Summary | null {
  if (status === "interrupted") {
    const text = "The server was stopped in the middle of it. Resume it: it goes on where it was, and no user is created twice.";
    return { tone: "warn", title: "The import was interrupted", text };
  }
  if (status !== "paused" || !job.error) return null;
  return { tone: "warn", title: "The import was paused because of trouble with PingOne", text: `${job.error.message} Resume the import when that is mended.` };
}

/** How it ended, in a sentence, and what that means; null while it has not. */
export function summary(view: JobView): Summary | null {
  if (!isOver(view.status)) return null;
  const { job, counts, status } = view;
  if (status === "failed") return stopped(view);
  if (status === "cancelled") return cancelled(view);
  const time = `in ${duration(counts.seconds)}`;
  if (job.dry_run) return dryRun(counts, time);
  const created = `${plural(counts.created, "user")} created`;
  if (counts.failed === 0) {
    const text = counts.skipped > 0 ? `${plural(counts.skipped, "row was", "rows were")} skipped; the table below says why.` : "";
    return { tone: "ok", title: `Import finished: ${created} ${time}`, text };
  }
  const text = "Download the rejected rows, mend them and import that file; or try the same rows again if the reason has gone.";
  return { tone: "warn", title: `Import finished ${time}: ${created}, ${plural(counts.failed, "row")} failed`, text };
}

function stopped({ job, counts }: JobView): Summary {
  const reason = job.error?.message ?? "The server gave no reason.";
  const sent = `${count(counts.processed)} of ${plural(counts.total, "row")} were done before.`;
  return { tone: "bad", title: "The import was stopped by an error", text: `${reason} ${sent}` };
}

function cancelled({ job, counts }: JobView): Summary {
  const left = counts.total - counts.processed;
  const stay = job.dry_run ? "Nothing was written." : `${plural(counts.created, "user")} created before stay in PingOne.`;
  const title = `Cancelled after ${count(counts.processed)} of ${plural(counts.total, "row")}`;
  return { tone: "info", title, text: `${stay} The other ${plural(left, "row was", "rows were")} not sent.` };
}

function dryRun(counts: CountsAt, time: string): Summary {
  const would = `${plural(counts.created, "user")} would be created`;
  const failing = counts.failed > 0 ? `, ${plural(counts.failed, "row")} would fail` : "";
  const tone = counts.failed > 0 ? "warn" : "ok";
  return { tone, title: `Dry run finished ${time}: ${would}${failing}`, text: "Nothing was written to PingOne." };
}
