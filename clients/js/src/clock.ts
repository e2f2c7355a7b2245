/** Time and timers, so that tests have their own. */
export interface Clock {
  /** Milliseconds that go on while the computer sleeps and never go back. */
  now(): number;
  /** Calls `run` after `ms`, or later where timers are slowed down. Returns how to call it off. */
  after(ms: number, run: () => void): () => void;
}

export interface TimerFunctions {
  setTimeout: (run: () => void, ms: number) => unknown;
  clearTimeout: (timer: never) => void;
  /** Lets Node.js exit although a timer is set. */
  unref: boolean;
}

/** The longest time-out that `setTimeout` takes. */
export const LONGEST_TIMEOUT = 2 ** 31 - 1;

/**
 * The computer's clock.
 *
 * The wall clock may be set back, and the clock that may not stands still on some systems while they sleep.
 * So the one that moved further is believed.
 */
export function systemClock(timers: TimerFunctions): Clock {
  const steady = () => (typeof performance === "undefined" ? 0 : performance.now());
  let [now, wallBefore, steadyBefore] = [0, Date.now(), steady()];
  return {
    now: () => {
      const [wallNow, steadyNow] = [Date.now(), steady()];
      now += Math.max(0, wallNow - wallBefore, steadyNow - steadyBefore);
      [wallBefore, steadyBefore] = [wallNow, steadyNow];
      return now;
    },
    after: (ms, run) => {
      const timer = timers.setTimeout(run, Math.min(Math.max(0, ms), LONGEST_TIMEOUT));
      if (timers.unref) (timer as { unref?: () => void }).unref?.();
      return () => timers.clearTimeout(timer as never);
    },
  };
}

/** A deadline that can be moved, often, at the cost of one timer. */
export class Timer {
  readonly #clock: Clock;
  readonly #run: () => void;
  #cancel: (() => void) | null = null;
  /** When the timer fires. */
  #firesAt = Infinity;
  #at: number | null = null;

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** When it is due; null when it is not set. */
  get at(): number | null {
    return this.#at;
  }

  /** Sets the deadline anew; null takes it back. */
  set(at: number | null): void {
    this.#at = at;
    if (at === null) this.#stop();
    // One that fires too early looks again.
    else if (at < this.#firesAt) this.#wait(at);
  }

  #wait(at: number): void {
    this.#stop();
    this.#firesAt = at;
    this.#cancel = this.#clock.after(at - this.#clock.now(), () => this.#fired());
  }

  #fired(): void {
    this.#cancel = null;
    this.#firesAt = Infinity;
    if (this.#at === null) return;
    if (this.#clock.now() < this.#at) return this.#wait(this.#at);
    this.#at = null;
    this.#run();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#firesAt = Infinity;
  }
}
