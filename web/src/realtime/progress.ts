import type { CompletionEvent, Counts, JobEvent, JobStatus, LedgerRow, TroubleEvent } from "./events";

/** Rows and messages kept for the page; the rest is in the ledger. */
export const KEPT_ROWS = 200;
export const KEPT_TROUBLES = 20;

/** Absolute counts and the event that stated them. */
export interface CountsAt extends Counts {
  seq: number;
  status: JobStatus;
  rate: number | null;
  remaining_seconds: number | null;
  seconds: number;
  /** `Date.now()` on arrival, so that the elapsed time can go on between two events. */
  received: number;
}

/** What is known of a job from its events. Every change makes a new object. */
export interface JobProgress {
  counts: CountsAt | null;
  /** Newest first. */
  failed: readonly LedgerRow[];
  /** Newest first. */
  skipped: readonly LedgerRow[];
  /** Newest first. */
  troubles: readonly TroubleEvent[];
  completion: CompletionEvent | null;
}

export const noProgress: JobProgress = { counts: null, failed: [], skipped: [], troubles: [], completion: null };

/** Applies events that are in order and come once. */
export function applyEvents(before: JobProgress, events: readonly JobEvent[]): JobProgress {
  if (events.length === 0) return before;
  const rows = events.flatMap((event) => (event.type === "row" ? event.rows : []));
  const troubles = events.filter((event) => event.type === "error");
  const completion = events.find((event) => event.type === "completion");
  return {
    counts: newestCounts(before.counts, events),
    failed: newestRows(before.failed, rows, "failed"),
    skipped: newestRows(before.skipped, rows, "skipped"),
    troubles: [...troubles.reverse(), ...before.troubles].slice(0, KEPT_TROUBLES),
    completion: before.completion ?? completion ?? null,
  };
}

/**
 * The counts of the newest event that states any. Counts are absolute, so order does not matter here and nothing is
 * ever added up.
 */
export function newestCounts(before: CountsAt | null, events: readonly JobEvent[]): CountsAt | null {
  let newest = before;
  for (const event of events) {
    if (event.type !== "progress" && event.type !== "completion") continue;
    if (newest && newest.seq >= event.seq) continue;
    const running = event.type === "progress";
    const { seq, status, total, processed, created, updated, unchanged, deleted, skipped, failed, seconds } = event;
    newest = {
      ...{ seq, status, total, processed, created, updated, unchanged, deleted, skipped, failed, seconds },
      rate: running ? event.rate : null,
      remaining_seconds: running ? (event.remaining_seconds ?? null) : null,
      received: Date.now(),
    };
  }
  return newest;
}

function newestRows(before: readonly LedgerRow[], rows: readonly LedgerRow[], outcome: "failed" | "skipped") {
  const added = rows.filter((row) => row.outcome === outcome).slice(-KEPT_ROWS);
  if (added.length === 0) return before;
  return [...added.reverse(), ...before].slice(0, KEPT_ROWS);
}
