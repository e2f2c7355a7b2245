import { CursorRefused, type CursorSource, parseJobEvent } from "../realtime";
import { api } from "./client";
import { ApiError } from "./problem";

const FINAL = [401, 403, 404, 410];

/** A job's event log through `GET /api/jobs/{id}/events`. */
export const jobEvents: CursorSource = {
  async read(job, after, signal) {
    const page = await api.events(job, after, signal).catch((error: unknown) => {
      if (error instanceof ApiError && FINAL.includes(error.status)) throw new CursorRefused(error.status, error.message);
      throw error;
    });
    return { ...page, events: page.events.flatMap((event) => parseJobEvent(event) ?? []) };
  },
};
