/** The events of a job's log, as every transport carries them. `seq` counts from 1 for each job. */

export const outcomes = ["created", "updated", "unchanged", "deleted", "skipped", "failed"] as const;
export type Outcome = (typeof outcomes)[number];

/** Absolute counts since the job began; `processed` is the sum of the outcomes. */
export type Counts = Record<Outcome, number> & { processed: number; total: number };

interface Envelope {
  job: string;
  seq: number;
  /** RFC 3339. */
  at: string;
}

export type JobStatus =
  | "queued"
  | "running"
  | "paused"
  | "cancelling"
  | "interrupted"
  | "completed"
  | "cancelled"
  | "failed";

export interface ProgressEvent extends Envelope, Counts {
  type: "progress";
  status: JobStatus;
  /** Rows per second. */
  rate: number;
  remaining_seconds: number | null;
  seconds: number;
}

export interface LedgerRow {
  /** Number of the data row, from 1. */
  row: number;
  /** Line in the file on which the row begins. */
  line: number;
  /** The username; empty when the row has none. */
  key: string;
  outcome: Outcome;
  code?: string | null;
  message?: string | null;
  target?: string | null;
  correlation_id?: string | null;
  user_id?: string | null;
}

export interface RowEvent extends Envelope {
  type: "row";
  rows: LedgerRow[];
}

/** Trouble of the whole job: throttled, not authorised, PingOne unreachable. */
export interface TroubleEvent extends Envelope {
  type: "error";
  code: string;
  message: string;
  fatal: boolean;
}

export interface CompletionEvent extends Envelope, Counts {
  type: "completion";
  status: JobStatus;
  seconds: number;
}

export type JobEvent = ProgressEvent | RowEvent | TroubleEvent | CompletionEvent;

export const eventTypes = ["progress", "row", "error", "completion"] as const satisfies JobEvent["type"][];

/** Takes what a transport delivered for an event, or null if it is not one. */
export function parseJobEvent(payload: unknown): JobEvent | null {
  if (typeof payload !== "object" || payload === null) return null;
  const { job, seq, type } = payload as Partial<JobEvent>;
  const known = eventTypes.some((name) => name === type);
  if (!known || typeof job !== "string" || typeof seq !== "number" || !Number.isSafeInteger(seq)) return null;
  return payload as JobEvent;
}
