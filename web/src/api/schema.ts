/** The API as the contract states it; `npm run generate` replaces this file from openapi.json. */

type Json<T> = { content: { "application/json": T } };
type Problems = { default: { content: { "application/problem+json": components["schemas"]["Problem"] } } };
type IdPath = { parameters: { path: { id: string } } };

export interface paths {
  "/api/session": { get: { responses: { 200: Json<components["schemas"]["Session"]> } & Problems } };
  "/api/connection": { get: { responses: { 200: Json<components["schemas"]["Connection"]> } & Problems } };
  "/api/health": {
    get: { responses: { 200: Json<components["schemas"]["Health"]>; 503: Json<components["schemas"]["Health"]> } };
  };
  "/api/populations": { get: { responses: { 200: Json<components["schemas"]["Population"][]> } & Problems } };
  "/api/jobs": {
    get: {
      parameters: { query?: { limit?: number; before?: string } };
      responses: { 200: Json<components["schemas"]["Job"][]> } & Problems;
    };
  };
  "/api/jobs/{id}": { get: IdPath & { responses: { 200: Json<components["schemas"]["Job"]> } & Problems } };
  "/api/jobs/{id}/pause": { post: IdPath & { responses: { 200: Json<components["schemas"]["Job"]> } & Problems } };
  "/api/jobs/{id}/resume": { post: IdPath & { responses: { 200: Json<components["schemas"]["Job"]> } & Problems } };
  "/api/jobs/{id}/cancel": { post: IdPath & { responses: { 200: Json<components["schemas"]["Job"]> } & Problems } };
  "/api/jobs/{id}/retry": { post: IdPath & { responses: { 201: Json<{ id: string }> } & Problems } };
  "/api/jobs/{id}/events": {
    get: {
      parameters: { path: { id: string }; query?: { after?: number; wait?: number } };
      responses: { 200: Json<components["schemas"]["EventPage"]> } & Problems;
    };
  };
  "/api/jobs/{id}/rows": {
    get: {
      parameters: { path: { id: string }; query?: { outcome?: string; after?: number; limit?: number } };
      responses: { 200: Json<components["schemas"]["RowPage"]> } & Problems;
    };
  };
}

export interface components {
  schemas: {
    Problem: {
      type: string;
      title: string;
      status: number;
      code: string;
      detail: string;
      line?: number | null;
      column?: string | null;
    };
    Session: { version: string; user: { name: string; role: string }; public_url: string | null };
    Connection: { simulator: boolean; environment: string; region: string | null; api_host: string };
    Population: { id: string; name: string; default: boolean; user_count: number | null };
    Health: {
      status: "healthy" | "degraded" | "critical";
      version: string;
      uptime_seconds: number;
      checked_at: string | null;
      tiers: Record<string, { ok: boolean; ms?: number | null; detail?: string | null; supported?: boolean }>;
      causes: { code: string; message: string; doc: string }[];
    };
    Job: {
      id: string;
      kind: "import";
      mode: string;
      status:
        | "queued"
        | "running"
        | "paused"
        | "cancelling"
        | "interrupted"
        | "completed"
        | "cancelled"
        | "failed";
      dry_run: boolean;
      file: string;
      population: { id: string; name: string } | null;
      environment: string | null;
      simulator: boolean;
      total: number;
      processed: number;
      created: number;
      updated: number;
      unchanged: number;
      deleted: number;
      skipped: number;
      failed: number;
      rate: number | null;
      remaining_seconds: number | null;
      seconds: number;
      last_seq: number;
      created_at: string;
      started_at: string | null;
      finished_at: string | null;
      error: { code: string; message: string } | null;
      retry_of: string | null;
    };
    EventPage: { job: string; events: unknown[]; last_seq: number; done: boolean; poll_after_ms: number };
    LedgerRow: {
      row: number;
      line: number;
      key: string;
      outcome: "created" | "updated" | "unchanged" | "deleted" | "skipped" | "failed";
      code?: string | null;
      message?: string | null;
      target?: string | null;
      correlation_id?: string | null;
      user_id?: string | null;
    };
    RowPage: { rows: components["schemas"]["LedgerRow"][]; next: number | null };
    Preview: {
      format: string;
      encoding: string;
      delimiter: string;
      total: number;
      valid: number;
      invalid: number;
      duplicates: number;
      population: { id: string; name: string } | null;
      columns: {
        index: number;
        header: string;
        attribute: string | null;
        status: "mapped" | "unknown" | "ignored";
        suggestion: string | null;
        samples: string[];
      }[];
      problems: {
        row: number;
        line: number;
        column: string | null;
        code: string;
        message: string;
      }[];
      sample_rows: unknown[];
    };
  };
}
