import createClient from "openapi-fetch";

import { ApiError, problemFrom, unreachable } from "./problem";
import type { paths } from "./schema";
import { reachability, signedOut } from "./signals";
import type { Health, Outcome, Page, PopulationDraft, PopulationPatch } from "./types";

const TIMEOUT_MS = 15_000;
/** A job answers when its rows under way have settled, each of which may wait for PingOne. */
const COMMAND_TIMEOUT_MS = 90_000;

const client = createClient<paths>({ baseUrl: globalThis.location.origin, fetch: watchedFetch });

/** Sends a request with a deadline and tells the page whether the server answers and still knows us. */
async function watchedFetch(request: Request): Promise<Response> {
  const deadline = AbortSignal.timeout(request.method === "GET" ? TIMEOUT_MS : COMMAND_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(request, { signal: AbortSignal.any([request.signal, deadline]) });
  } catch (error) {
    if (request.signal.aborted) throw error;
    reachability.emit(false);
    throw unreachable();
  }
  reachability.emit(true);
  if (response.status === 401) signedOut.emit();
  return response;
}

interface Result<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer; throws `ApiError` for any other. */
async function body<T>(pending: Promise<Result<T>>): Promise<T> {
  const { data, error, response } = await pending.catch(rethrow);
  if (response.ok) return data as T;
  throw problemFrom(response.status, error);
}

function rethrow(error: unknown): never {
  if (error instanceof ApiError) throw error;
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  // An answer that is no JSON, from a proxy for example, fails while it is being read.
  if (error instanceof SyntaxError) throw problemFrom(200, null);
  // The answer began and broke off.
  throw unreachable();
}

export const api = {
  session: (signal: AbortSignal) => body(client.GET("/api/session", { signal })),
  connection: (signal: AbortSignal) => body(client.GET("/api/connection", { signal })),
  populations: (signal: AbortSignal) => body(client.GET("/api/populations", { signal })),
  createPopulation: (draft: PopulationDraft) => body(client.POST("/api/populations", { body: draft })),
  changePopulation: (id: string, patch: PopulationPatch) =>
    body(client.PATCH("/api/populations/{id}", { params: { path: { id } }, body: patch })),
  deletePopulation: (id: string) => body(client.DELETE("/api/populations/{id}", { params: { path: { id } } })),
  attributes: (signal: AbortSignal) => body(client.GET("/api/attributes", { signal })),
  mappings: (signal: AbortSignal) => body(client.GET("/api/mappings", { signal })),
  health,
  healthHistory: (signal: AbortSignal) => body(client.GET("/api/health/history", { signal })),
  /** Newest first, older than `before`. */
  jobs: (limit: number, before: string | undefined, signal: AbortSignal) => {
    const query = before === undefined ? { limit } : { limit, before };
    return body(client.GET("/api/jobs", { params: { query }, signal }));
  },
  job: (id: string, signal: AbortSignal) => body(client.GET("/api/jobs/{id}", { params: { path: { id } }, signal })),
  pause: (id: string) => body(client.POST("/api/jobs/{id}/pause", { params: { path: { id } } })),
  resume: (id: string) => body(client.POST("/api/jobs/{id}/resume", { params: { path: { id } } })),
  cancel: (id: string) => body(client.POST("/api/jobs/{id}/cancel", { params: { path: { id } } })),
  retry: (id: string) => body(client.POST("/api/jobs/{id}/retry", { params: { path: { id } } })),
  events: (id: string, after: number, signal: AbortSignal) =>
    // The same path streams to those who ask for a stream, which is not done here.
    body(client.GET("/api/jobs/{id}/events", { params: { path: { id }, query: { after, wait: 0 } }, signal })) as Promise<Page>,
  rows: (id: string, query: { outcome: Outcome; after?: number; limit: number }, signal: AbortSignal) =>
    body(client.GET("/api/jobs/{id}/rows", { params: { path: { id }, query }, signal })),
  /** Generated passwords, which can be fetched once. */
  passwords: (id: string) => body<Blob>(client.POST("/api/jobs/{id}/passwords", { params: { path: { id } }, parseAs: "blob" })),
  rejectsUrl: (id: string) => `/api/jobs/${encodeURIComponent(id)}/rejects.csv`,
  fileUrl: (id: string) => `/api/jobs/${encodeURIComponent(id)}/file`,
};

/** Critical health comes with 503 and is an answer all the same. With `check` the server tries everything anew. */
async function health(check: boolean, signal: AbortSignal): Promise<Health> {
  const query = { check };
  const { data, error, response } = await client.GET("/api/health", { params: { query }, signal }).catch(rethrow);
  if (data) return data;
  if (response.status === 503 && "tiers" in error) return error;
  throw new ApiError(response.status, "no_health", "The server's health is unknown", "It did not answer as expected.");
}
