import type { JobStatus } from "./types";

/** The job will never change again. */
export function isOver(status: JobStatus): boolean {
  return status === "completed" || status === "cancelled" || status === "failed";
}
