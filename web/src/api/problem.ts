import type { Problem } from "./types";

/** A request that did not succeed. The message is for the person in front of the page. */
export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer at all. */
  readonly status: number;
  readonly code: string;
  readonly title: string;

  constructor(status: number, code: string, title: string, detail: string) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.title = title;
  }

  /** It may be repeated without asking anybody: a role that is missing is not given by waiting. */
  get repeatable(): boolean {
    return this.temporary && this.code !== "forbidden" && this.code !== "unauthorized";
  }

  /** The same request may succeed later without any change. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function unreachable(): ApiError {
  const detail = "No answer came. Check that `pingone-import serve` is still running, then try again.";
  return new ApiError(0, "unreachable", "The server cannot be reached", detail);
}

/** Reads `application/problem+json`, and makes do with the status when a proxy has answered instead of the server. */
export function problemFrom(status: number, body: unknown): ApiError {
  const problem: Partial<Problem> = typeof body === "object" && body !== null ? body : {};
  const title = problem.title ?? `The server answered ${status}`;
  const detail = problem.detail ?? "The answer does not say why; a proxy in between may have sent it. Try again.";
  return new ApiError(status, problem.code ?? "unexpected_answer", title, detail);
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiError(0, "unexpected", "Something unexpected happened in this page", detail);
}
