import { isOver } from "../../api/jobStatus";
import type { JobStatus } from "../../api/types";
import { count, duration, plural, sentence } from "../../lib/format";
import type { CountsAt } from "../../realtime";
import type { Tone } from "../../ui/tone";
import { kinds, nounOf } from "./kinds";
import type { JobView } from "./jobView";
import type { OutcomeName } from "./outcomes";

export interface Summary {
  tone: Tone;
  title: string;
  text: string;
}

/** Why a job stands still that nobody told to, and what to do about it; null while all is as it was asked for. */
export function standstill({ job, status }: JobView): Summary | null {
  const noun = nounOf(job);
  if (status === "interrupted") {
    const text = `The server was stopped in the middle of it. Resume it: it goes on where it was${safely[job.kind]}.`;
    return { tone: "warn", title: `The ${noun} was interrupted`, text };
  }
  if (status !== "paused" || !job.error) return null;
  const title = `The ${noun} was paused because of trouble${ours.includes(job.error.code) ? "" : " with PingOne"}`;
  return { tone: "warn", title, text: `${sentence(job.error.message)} Resume the ${noun} when that is mended.` };
}

/** Trouble of the server's own machine. */
const ours = ["output_failed", "disk_full"];

const safely = {
  import: ", and no user is created twice",
  modify: ", and no user is changed twice",
  delete: ", and deletes nobody else",
  export: ", or begins anew; nothing in PingOne changes by it",
} as const;

/** How it ended, in a sentence, and what that means; null while it has not. */
export function summary(view: JobView): Summary | null {
  if (!isOver(view.status)) return null;
  const { job, counts, status } = view;
  if (status === "failed") return stopped(view);
  if (status === "cancelled") return cancelled(view);
  const time = `in ${duration(counts.seconds)}`;
  if (job.kind === "export") return exported(view, time);
  if (job.dry_run) return dryRun(view, time);
  const { name } = kinds[job.kind];
  const done = list(view, (words) => words);
  if (counts.failed === 0) return { tone: "ok", title: `${name} finished: ${done} ${time}`, text: leftOut(view) };
  return { tone: "warn", title: `${name} finished ${time}: ${done}, ${plural(counts.failed, kinds[job.kind].row)} failed`, text: remedy(view) };
}

/** What to do about rows that failed. */
function remedy({ job }: JobView): string {
  if (job.kind === "delete") return "Plan the deletion again: whoever is gone by now is left out of the new plan.";
  const verb = job.kind === "modify" ? "use" : "import";
  return `Download the rejected rows, mend them and ${verb} that file; or try the same rows again if the reason has gone.`;
}

function leftOut({ job, counts: { skipped } }: JobView): string {
  if (skipped === 0) return "";
  const kept = job.kind === "delete" ? `${plural(skipped, "user is", "users are")} left out` : `${plural(skipped, "row was", "rows were")} skipped`;
  return `${kept}; the table below says why.`;
}

function exported({ job, counts }: JobView, time: string): Summary {
  const users = plural(counts.unchanged, "user");
  if (job.dry_run) return { tone: "ok", title: `${users} would be exported`, text: `Counted ${time}. Nothing was written.` };
  if (counts.unchanged === 0) return { tone: "info", title: "No user matches, so the file has none", text: "Change what is selected, and export again." };
  return { tone: "ok", title: `Export finished: ${users} ${time}`, text: "" };
}

function stopped({ job, counts }: JobView): Summary {
  const reason = sentence(job.error?.message ?? "The server gave no reason.");
  const sent = `${count(counts.processed)} of ${plural(counts.total, kinds[job.kind].row)} were done before.`;
  return { tone: "bad", title: `The ${nounOf(job)} was stopped by an error`, text: `${reason} ${sent}` };
}

function cancelled({ job, counts }: JobView): Summary {
  const { row } = kinds[job.kind];
  const title = `Cancelled after ${count(counts.processed)} of ${plural(counts.total, row)}`;
  if (job.dry_run || job.kind === "export") return { tone: "info", title, text: "Nothing was written." };
  const left = counts.total - counts.processed;
  const stay = job.kind === "delete" ? `${plural(counts.deleted, "user")} deleted before are gone.` : `${changed(counts)} before stay in PingOne.`;
  const rest = `The other ${plural(left, `${row} was`, `${row}s were`)} not ${job.kind === "delete" ? "deleted" : "sent"}.`;
  return { tone: "info", title, text: `${stay} ${rest}` };
}

function changed({ created, updated }: CountsAt): string {
  if (updated === 0) return `${plural(created, "user")} created`;
  return `${plural(updated, "user")} updated${created > 0 ? ` and ${count(created)} created` : ""}`;
}

function dryRun(view: JobView, time: string): Summary {
  const { job, counts } = view;
  const would = list(view, (words) => `would be ${words}`);
  const failing = counts.failed > 0 ? `, ${plural(counts.failed, "row")} would fail` : "";
  const name = job.kind === "delete" ? "Plan" : "Dry run";
  const title = `${name} finished ${time}: ${would}${failing}`;
  const nothing = job.kind === "delete" ? "Nobody was deleted." : "Nothing was written to PingOne.";
  return { tone: counts.failed > 0 ? "warn" : "ok", title, text: `${nothing} ${leftOut(view)}`.trim() };
}

/** "12 users updated, 3 unchanged": the first outcome of its kind in any case, others where they occur. */
function list({ job, counts }: JobView, phrase: (words: string) => string): string {
  const first = kinds[job.kind].outcomes[0] ?? "created";
  const others = (["created", "updated", "unchanged"] as const).filter((name) => name !== first && counts[name] > 0);
  const told = `${plural(counts[first], "user")} ${phrase(participles[first])}`;
  return [told, ...others.map((name) => `${count(counts[name])} ${name === "unchanged" ? "unchanged" : phrase(participles[name])}`)].join(", ");
}

const participles: Record<OutcomeName, string> = {
  ...{ created: "created", updated: "updated", unchanged: "unchanged", deleted: "deleted", skipped: "skipped", failed: "failed" },
};

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
