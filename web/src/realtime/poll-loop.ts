/** Milliseconds until the next request, or null to stop. */
export type NextPoll = number | null;

const SHORTEST_MS = 100;
const LONGEST_MS = 30_000;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 10_000;

/** Asks again and again, one request at a time, at the pace that each answer hints; backs off while asking fails. */
export class PollLoop {
  readonly #ask: () => Promise<NextPoll>;
  readonly #failed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  #asking = false;
  #failures = 0;

  constructor(ask: () => Promise<NextPoll>, failed: () => void) {
    this.#ask = ask;
    this.#failed = failed;
  }

  /** Asks at once, then goes on until `stop`. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#failures = 0;
    void this.#turn();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** Asks now instead of waiting for the timer. */
  nudge(): void {
    if (this.#running && !this.#asking) void this.#turn();
  }

  async #turn(): Promise<void> {
    clearTimeout(this.#timer);
    // A loop that was stopped and started again while a request was under way goes on with that request.
    if (this.#asking) return;
    this.#asking = true;
    const next = await this.#askOnce();
    this.#asking = false;
    if (!this.#running) return;
    if (next === null) this.stop();
    else this.#timer = setTimeout(() => void this.#turn(), next);
  }

  async #askOnce(): Promise<NextPoll> {
    try {
      const next = await this.#ask();
      this.#failures = 0;
      return next === null ? null : Math.min(Math.max(next, SHORTEST_MS), LONGEST_MS);
    } catch {
      const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, LONGEST_BACKOFF_MS);
      this.#failures += 1;
      if (this.#running) this.#failed();
      return backoff;
    }
  }
}
