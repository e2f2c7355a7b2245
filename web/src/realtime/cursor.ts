import type { JobEvent } from "./events";

/** One answer of `GET /api/jobs/{id}/events`: the events that follow `after`, complete up to the last one in it. */
export interface EventPage {
  events: JobEvent[];
  /** Number of the last event of this page, or `after` when it is empty. */
  last_seq: number;
  /** Nothing comes after this page any more. */
  done: boolean;
  /** When to ask again; 0 when there is more already. */
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
