import type { JobEvent } from "./events";

/** One answer of `GET /api/jobs/{id}/events`: the events that follow `after`, complete up to the last one in it. */
export interface EventPage {
  events: JobEvent[];
  /** Number of the job's newest event, which may be beyond this page. */
  last_seq: number;
  /** The log has its completion and will not grow. */
  done: boolean;
  /** When to ask again. */
  poll_after_ms: number;
}

/** Reads the event log over plain requests. */
export interface CursorSource {
  /** Rejects with `CursorRefused` if asking again is pointless, with anything else if it is not. */
  read(job: string, after: number, signal: AbortSignal): Promise<EventPage>;
}

/** The server answered that there is no such log for us: unknown job, or not logged in. */
export class CursorRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "CursorRefused";
    this.status = status;
  }
}
