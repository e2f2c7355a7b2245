import type { components } from "../api/schema";

type Schemas = components["schemas"];

/** One entry of a job's event log, as every transport carries it. `seq` counts from 1 for each job. */
export type JobEvent = Schemas["Event"];
export type ProgressEvent = Extract<JobEvent, { type: "progress" }>;
/** Trouble of the whole job: throttled, not authorised, PingOne unreachable. */
export type TroubleEvent = Extract<JobEvent, { type: "error" }>;
export type CompletionEvent = Extract<JobEvent, { type: "completion" }>;

export type JobStatus = Schemas["JobStatus"];
export type LedgerRow = Schemas["LedgerRow"];
export type Outcome = Schemas["Outcome"];

/** Absolute counts since the job began; `processed` is the sum of the outcomes. */
export type Counts = Schemas["Counts"] & { total: number };

export const eventTypes = ["progress", "row", "error", "completion"] as const satisfies JobEvent["type"][];

/** Takes what a transport delivered for an event, or null if it is not one. */
export function parseJobEvent(payload: unknown): JobEvent | null {
  if (typeof payload !== "object" || payload === null) return null;
  const { job, seq, type } = payload as Partial<JobEvent>;
  const known = eventTypes.some((name) => name === type);
  if (!known || typeof job !== "string" || typeof seq !== "number" || !Number.isSafeInteger(seq)) return null;
  return payload as JobEvent;
}
