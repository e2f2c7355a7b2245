import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";

import type { JobDetails, LedgerRow } from "../../src/api/types";
import type { Counts, JobEvent } from "../../src/realtime";

const TICK_MS = 100;
const REASONS = [
  { code: "UNIQUENESS_VIOLATION", target: "username", message: "User with the username already exists" },
  { code: "INVALID_VALUE", target: "email", message: "must be a well-formed email address" },
  { code: "SIZE_LIMIT_EXCEEDED", target: "name.given", message: "must be at most 256 characters" },
];

/** Those that the page looks at. */
const options = { kind: "import", match_by: "username", attributes: [], protect: [] } as unknown as JobDetails["options"];

/** A job that pretends to import: about one row in forty fails, one in ninety is skipped. */
export class MockJob {
  readonly events: JobEvent[] = [];
  readonly ledger: LedgerRow[] = [];
  readonly news = new EventEmitter();
  readonly job: JobDetails;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(file: string, total: number, dryRun: boolean, perSecond: number) {
    const now = new Date().toISOString();
    const counts = { total, processed: 0, created: 0, updated: 0, unchanged: 0, deleted: 0, skipped: 0, failed: 0 };
    this.job = {
      ...{ id: randomUUID(), kind: "import", mode: "create", status: "running", dry_run: dryRun, file, simulator: true },
      ...{ population: { id: "p1", name: "Staff" }, environment: "9d1f3a52-6a5e-4f1a-9a0e-5a1f2f6f7c11", ...counts },
      ...{ rate: perSecond, remaining_seconds: total / perSecond, seconds: 0, last_seq: 0, created_at: now },
      ...{ started_at: now, finished_at: null, error: null, retry_of: null, options },
    };
    this.resume();
  }

  pause(): void {
    clearInterval(this.#timer);
    this.job.status = "paused";
  }

  resume(): void {
    this.job.status = "running";
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  cancel(): void {
    this.#finish("cancelled");
  }

  #tick(): void {
    const { job } = this;
    const batch = Math.max(1, Math.round((job.rate * TICK_MS) / 1000));
    const rows: LedgerRow[] = [];
    while (rows.length < batch && job.processed < job.total) rows.push(this.#next());
    this.ledger.push(...rows);
    job.seconds += TICK_MS / 1000;
    job.remaining_seconds = (job.total - job.processed) / job.rate;
    this.#tell({ ...this.#envelope(), type: "row", rows });
    const { status, seconds, remaining_seconds, rate } = job;
    this.#tell({ ...this.#envelope(), type: "progress", status, ...this.#counts(), seconds, remaining_seconds, rate });
    if (job.processed === job.total) this.#finish("completed");
  }

  #next(): LedgerRow {
    const row = ++this.job.processed;
    const outcome = row % 41 === 7 ? "failed" : row % 89 === 12 ? "skipped" : "created";
    this.job[outcome] += 1;
    const base = { row, line: row + 1, key: `user${String(row).padStart(6, "0")}@example.com`, outcome } as const;
    if (outcome === "created") return { ...base, user_id: randomUUID() };
    if (outcome === "skipped") return { ...base, code: "DUPLICATE", message: `Same username as line ${row - 5}` };
    return { ...base, ...REASONS[row % REASONS.length], correlation_id: randomUUID() };
  }

  #finish(status: "completed" | "cancelled"): void {
    clearInterval(this.#timer);
    Object.assign(this.job, { status, finished_at: new Date().toISOString(), rate: 0, remaining_seconds: null });
    this.#tell({ ...this.#envelope(), type: "completion", status, ...this.#counts(), seconds: this.job.seconds });
  }

  #counts(): Counts {
    const { total, processed, created, updated, unchanged, deleted, skipped, failed } = this.job;
    return { total, processed, created, updated, unchanged, deleted, skipped, failed };
  }

  #envelope() {
    return { job: this.job.id, seq: this.events.length + 1, at: new Date().toISOString() };
  }

  #tell(event: JobEvent): void {
    this.events.push(event);
    this.job.last_seq = event.seq;
    this.news.emit("event", event);
  }
}
