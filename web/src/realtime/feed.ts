import { CursorRefused, type CursorSource, type EventPage } from "./cursor";
import { Emitter } from "./emitter";
import { eventTypes, type JobEvent, parseJobEvent } from "./events";
import { type NextPoll, PollLoop } from "./poll-loop";
import { applyEvents, type JobProgress, newestCounts, noProgress } from "./progress";
import { EventSequence } from "./sequence";
import { SilenceWatch } from "./silence";
import { type Cause, changed, type ConnectionStatus, type Tier } from "./status";
import type { LiveTransport, Unsubscribe } from "./transport";

/** How long a socket may take to open before plain requests step in. */
const GRACE_MS = 2_500;
const RESUBSCRIBE_MS = 10_000;
const GAP_CHECK_EVERY_MS = 1_000;
/** Observers hear of news at most this often. */
const NOTIFY_MS = 100;

/** Who delivers: nobody yet, the socket, the cursor endpoint, or nobody any more. */
type Mode = "waiting" | "socket" | "cursor" | "over";

export interface FeedSnapshot {
  progress: JobProgress;
  status: ConnectionStatus;
  lastSeq: number;
  /** Set once the feed has ended: the job's log is complete, or the server refuses to tell us of it. */
  over: "complete" | "refused" | null;
}

export interface FeedOptions {
  job: string;
  /** Number of the last event that is known already. */
  after: number;
  live: LiveTransport;
  cursor: CursorSource;
}

/**
 * Follows the event log of one job to its end, over the socket while it delivers and over plain requests while it
 * does not. Each event is applied once and in order, whichever way it came.
 */
export class JobFeed {
  readonly #job: string;
  readonly #live: LiveTransport;
  readonly #cursor: CursorSource;
  readonly #sequence: EventSequence;
  readonly #loop = new PollLoop(
    () => this.#poll(),
    () => this.#unreachable(),
  );
  readonly #silence = new SilenceWatch(
    () => this.#look(),
    () => this.#socketDead(),
  );
  readonly #listeners = new Emitter();
  readonly #abort = new AbortController();
  #cleanups: Unsubscribe[] = [];
  #mode: Mode = "waiting";
  #cursorCause: Cause = "socket-not-open";
  /** Grows with each attempt to subscribe and each loss of the socket, so that a late answer is recognised. */
  #attempt = 0;
  #subscription: "none" | "pending" | "active" = "none";
  #progress: JobProgress = noProgress;
  #status: ConnectionStatus = { tier: "connecting", cause: null, since: Date.now() };
  #over: FeedSnapshot["over"] = null;
  #lastGapCheck = 0;
  /** A gap turned out to be progress that was left out for a slow reader: this subscription has more such gaps. */
  #gapsAreProgress = false;
  #timers = new Map<"grace" | "resubscribe" | "gap" | "notify", ReturnType<typeof setTimeout>>();
  #snapshot: FeedSnapshot;

  constructor(options: FeedOptions) {
    this.#job = options.job;
    this.#live = options.live;
    this.#cursor = options.cursor;
    this.#sequence = new EventSequence(options.after);
    this.#snapshot = this.#takeSnapshot();
  }

  start(): void {
    this.#cleanups = [
      this.#live.onStatus(() => this.#socketChanged()),
      ...eventTypes.map((type) => this.#live.on(type, (payload) => this.#receive(payload))),
    ];
    this.#after("grace", GRACE_MS, () => {
      if (this.#mode === "waiting") this.#useCursor("socket-not-open");
    });
    this.#socketChanged();
  }

  stop(): void {
    if (this.#subscription !== "none") this.#live.send("unsubscribe", { job: this.#job });
    this.#mode = "over";
    this.#subscription = "none";
    this.#attempt += 1;
    this.#loop.stop();
    this.#silence.stop();
    for (const cleanup of this.#cleanups) cleanup();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#abort.abort();
  }

  get snapshot(): FeedSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  /** The page was hidden or the machine asleep: timers may be late, so look for news now. */
  nudge(): void {
    this.#loop.nudge();
    this.#silence.nudge();
  }

  // The socket.

  #socketChanged(): void {
    const { status } = this.#live;
    if (this.#mode === "over") return;
    if (status.phase !== "connected") {
      this.#attempt += 1;
      this.#subscription = "none";
      if (status.phase === "disconnected" && this.#mode !== "cursor") this.#useCursor(status.cause ?? "socket-cut");
    } else if (this.#subscription === "none") {
      void this.#subscribeJob();
    } else if (this.#mode === "socket") {
      this.#setStatus(status.tier, status.cause);
    }
  }

  async #subscribeJob(): Promise<void> {
    const attempt = ++this.#attempt;
    this.#subscription = "pending";
    this.#gapsAreProgress = false;
    const accepted = await this.#live
      .request("subscribe", { job: this.#job, after: this.#sequence.last })
      .then((reply) => (reply as { ok?: boolean } | null)?.ok === true)
      .catch(() => false);
    if (attempt !== this.#attempt) return;
    if (accepted) this.#useSocket();
    else this.#subscriptionRefused();
  }

  #useSocket(): void {
    const { status } = this.#live;
    if (status.phase !== "connected") return;
    this.#subscription = "active";
    this.#mode = "socket";
    this.#loop.stop();
    this.#silence.start();
    this.#setStatus(status.tier, status.cause);
  }

  #subscriptionRefused(): void {
    this.#subscription = "none";
    if (this.#mode !== "cursor") this.#useCursor("subscription-refused");
    this.#after("resubscribe", RESUBSCRIBE_MS, () => {
      if (this.#subscription === "none") this.#socketChanged();
    });
  }

  #receive(payload: unknown): void {
    const event = parseJobEvent(payload);
    if (event?.job !== this.#job || this.#mode === "over") return;
    this.#silence.heard();
    this.#apply(this.#sequence.offer([event]), [event]);
    if (!this.#sequence.hasGap()) return;
    if (this.#gapsAreProgress) this.#apply(this.#sequence.release(), []);
    else this.#checkGapSoon();
  }

  /** A connected socket has been silent for long: asks over a plain request whether it should have said something. */
  async #look(): Promise<"nothing-missed" | "missed"> {
    const before = this.#sequence.last;
    await this.#read();
    return this.#sequence.last > before ? "missed" : "nothing-missed";
  }

  #socketDead(): void {
    this.#useCursor("socket-silent");
    this.#live.restart();
  }

  // The cursor endpoint.

  #useCursor(cause: Cause): void {
    this.#mode = "cursor";
    this.#cursorCause = cause;
    this.#silence.stop();
    this.#setStatus("connecting", cause);
    this.#loop.start();
  }

  async #poll(): Promise<NextPoll> {
    const page = await this.#read();
    if (this.#mode === "cursor") this.#setStatus("periodic", this.#cursorCause);
    return this.#mode === "over" ? null : page.poll_after_ms;
  }

  #unreachable(): void {
    if (this.#mode === "cursor") this.#setStatus("offline", "server-unreachable");
  }

  async #read(): Promise<EventPage> {
    try {
      const page = await this.#cursor.read(this.#job, this.#sequence.last, this.#abort.signal);
      this.#judgeGap(page.events);
      this.#apply(this.#sequence.settle(page.events), page.events);
      if (page.done) this.#end("complete");
      return page;
    } catch (error) {
      if (error instanceof CursorRefused) this.#end("refused");
      throw error;
    }
  }

  #checkGapSoon(): void {
    if (this.#timers.has("gap")) return;
    const delay = Math.max(0, this.#lastGapCheck + GAP_CHECK_EVERY_MS - Date.now());
    this.#after("gap", delay, () => void this.#checkGap());
  }

  /** Events are held behind a gap in the numbers; the log says whether the missing ones exist. */
  async #checkGap(): Promise<void> {
    if (!this.#sequence.hasGap()) return;
    this.#lastGapCheck = Date.now();
    const found = await this.#read().then(
      (page) => page.events.length > 0,
      () => false,
    );
    if (this.#mode === "over") return;
    // The log cannot tell; the socket's own order is the best that there is.
    if (!found) this.#apply(this.#sequence.release(), []);
    if (this.#sequence.hasGap()) this.#checkGapSoon();
  }

  #judgeGap(events: readonly JobEvent[]): void {
    if (!this.#sequence.hasGap()) return;
    const lacking = this.#sequence.lacking(events);
    this.#gapsAreProgress = lacking.length > 0 && lacking.every(({ type }) => type === "progress");
  }

  // The state that observers see.

  #apply(due: readonly JobEvent[], seen: readonly JobEvent[]): void {
    if (this.#mode === "over" || (due.length === 0 && seen.length === 0)) return;
    const applied = applyEvents(this.#progress, due);
    const counts = newestCounts(applied.counts, seen);
    this.#progress = counts === applied.counts ? applied : { ...applied, counts };
    if (this.#progress.completion) this.#end("complete");
    else if (!this.#timers.has("notify")) this.#after("notify", NOTIFY_MS, () => this.#notify());
  }

  #setStatus(tier: Tier, cause: Cause | null): void {
    const status = changed(this.#status, tier, cause);
    if (status === this.#status) return;
    this.#status = status;
    this.#notify();
  }

  #end(over: "complete" | "refused"): void {
    if (this.#over) return;
    this.#over = over;
    this.stop();
    this.#notify();
  }

  #notify(): void {
    this.#snapshot = this.#takeSnapshot();
    this.#listeners.emit();
  }

  #takeSnapshot(): FeedSnapshot {
    return { progress: this.#progress, status: this.#status, lastSeq: this.#sequence.last, over: this.#over };
  }

  #after(name: "grace" | "resubscribe" | "gap" | "notify", delay: number, act: () => void): void {
    clearTimeout(this.#timers.get(name));
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      act();
    }, delay);
    this.#timers.set(name, timer);
  }
}
