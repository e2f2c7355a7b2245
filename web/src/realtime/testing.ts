import { type CursorSource, CursorRefused, type EventPage } from "./cursor";
import { Emitter } from "./emitter";
import type { JobEvent, LedgerRow, Outcome } from "./events";
import type { LiveTransport, SocketStatus, Unsubscribe } from "./transport";

export const JOB = "0198c0de-0000-7000-8000-000000000001";

export function row(number: number, outcome: Outcome = "failed"): LedgerRow {
  return { row: number, line: number + 1, key: `user${number}`, outcome, code: "INVALID_DATA", message: "no" };
}

/** The log of a job of `rows` rows: each row is told in an event of its own, followed by the counts. Every third fails. */
export function jobLog(rows: number): JobEvent[] {
  const events: JobEvent[] = [];
  const counts = { created: 0, updated: 0, unchanged: 0, deleted: 0, skipped: 0, failed: 0, processed: 0, total: rows };
  const envelope = () => ({ job: JOB, seq: events.length + 1, at: "2026-01-01T00:00:00Z" });
  for (let number = 1; number <= rows; number += 1) {
    const outcome = number % 3 === 0 ? "failed" : "created";
    counts[outcome] += 1;
    counts.processed += 1;
    events.push({ ...envelope(), type: "row", rows: [row(number, outcome)] });
    events.push({ ...envelope(), type: "progress", status: "running", ...counts, rate: 10, remaining_seconds: 1, seconds: number });
  }
  events.push({ ...envelope(), type: "completion", status: "completed", ...counts, seconds: rows });
  return events;
}

/** A server with one job whose log grows on command; both ways to read it, each of which can be broken. */
export class FakeServer implements CursorSource {
  readonly log: readonly JobEvent[];
  readonly socket: FakeSocket;
  told = 0;
  reads = 0;
  reachable = true;
  refusal: number | null = null;
  pageSize = 1_000;
  pollAfter = 1_000;
  /** How long a read takes. */
  readMs = 0;

  constructor(log: readonly JobEvent[]) {
    this.log = log;
    this.socket = new FakeSocket(this);
  }

  /** The job goes on by `count` events, which a subscribed socket gets. */
  advance(count = this.log.length): void {
    const from = this.told;
    this.told = Math.min(this.told + count, this.log.length);
    for (const event of this.log.slice(from, this.told)) this.socket.deliver(event);
  }

  async read(_job: string, after: number): Promise<EventPage> {
    this.reads += 1;
    if (this.readMs > 0) await new Promise((resolve) => setTimeout(resolve, this.readMs));
    if (this.refusal !== null) throw new CursorRefused(this.refusal, "refused");
    if (!this.reachable) throw new TypeError("fetch failed");
    const events = this.log.slice(after, Math.min(this.told, after + this.pageSize));
    const last_seq = events.at(-1)?.seq ?? after;
    const more = last_seq < this.told;
    const poll_after_ms = more ? 0 : this.pollAfter;
    return { events, last_seq, done: last_seq === this.log.length, poll_after_ms };
  }
}

export class FakeSocket implements LiveTransport {
  readonly #server: FakeServer;
  readonly #changes = new Emitter();
  readonly #listeners = new Map<string, Emitter<unknown>>();
  #status: SocketStatus = { phase: "connecting", cause: null };
  #subscribed = false;
  /** Connected, but nothing arrives. */
  mute = false;
  accept = true;
  restarts = 0;
  expecting = false;
  readonly detail = null;
  subscriptions: number[] = [];
  /** Answers to subscriptions that are held back, once this is an array. */
  held: (() => void)[] | null = null;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  get status(): SocketStatus {
    return this.#status;
  }

  open(): void {
    this.set({ phase: "connecting", cause: null });
  }

  set(status: SocketStatus): void {
    if (status.phase !== "connected") this.#subscribed = false;
    this.#status = status;
    this.#changes.emit();
  }

  connect(tier: "websocket" | "long-polling" = "websocket"): void {
    this.set({ phase: "connected", tier, cause: tier === "websocket" ? null : "websocket-refused" });
  }

  cut(): void {
    this.set({ phase: "disconnected", cause: "socket-cut" });
  }

  onStatus(listener: () => void): Unsubscribe {
    return this.#changes.add(listener);
  }

  on(event: string, listener: (payload: unknown) => void): Unsubscribe {
    const emitter = this.#listeners.get(event) ?? new Emitter<unknown>();
    this.#listeners.set(event, emitter);
    return emitter.add(listener);
  }

  request(_event: string, payload: unknown): Promise<unknown> {
    const { after } = payload as { after: number };
    this.subscriptions.push(after);
    if (!this.accept) return Promise.resolve({ ok: false, error: { code: "busy", message: "try later" } });
    if (this.held) return new Promise((resolve) => this.held?.push(() => resolve({ ok: true })));
    this.#subscribed = true;
    for (const event of this.#server.log.slice(after, this.#server.told)) this.deliver(event);
    return Promise.resolve({ ok: true, last_seq: this.#server.told });
  }

  send(event: string): void {
    if (event === "unsubscribe") this.#subscribed = false;
  }

  deliver(event: JobEvent): void {
    if (this.#subscribed && !this.mute) this.#listeners.get(event.type)?.emit(event);
  }

  expectEvents(expecting: boolean): void {
    this.expecting = expecting;
  }

  restart(): void {
    this.restarts += 1;
    this.cut();
  }

  close(): void {
    this.cut();
  }
}
