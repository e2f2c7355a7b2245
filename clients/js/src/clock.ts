/** Time and timers, so that tests have their own. */
export interface Clock {
  /** Milliseconds that never go back. They may stand still while the computer sleeps. */
  now(): number;
  /** Calls `run` after `ms`, or later where timers are slowed down. Returns how to call it off. */
  after(ms: number, run: () => void): () => void;
  /**
   * When something was last seen that makes measurements across it worthless: a timer that is more than a second late,
   * or a step of the wall clock.
   */
  disturbedAt(): number;
  /** Whether the computer may have slept since this was last asked, while the time stood still. */
  mayHaveSlept(): boolean;
}

export interface TimerFunctions {
  setTimeout: (run: () => void, ms: number) => unknown;
  clearTimeout: (timer: never) => void;
  /** Lets Node.js exit although a timer is set. */
  unref: boolean;
}

/** The longest time-out that `setTimeout` takes. */
export const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** What is taken for a step of the wall clock, and for a timer that is late. */
const DISTURBANCE = 1_000;
/** A page in the background has its timers run once a minute; what is later than that has slept. */
const OVERSLEPT = 90_000;

/**
 * The computer's clock.
 *
 * The one that never goes back stands still on some systems while they sleep. The wall clock goes on, but it may be set.
 * When it moves further than the other, nobody can tell which of the two it was. So that is not time that has passed,
 * and no deadline passes by it, but a reason to look.
 */
export function systemClock(timers: TimerFunctions): Clock {
  const steady = steadyClock();
  const pending = new Set<{ at: number }>();
  let [disturbedAt, mayHaveSlept] = [-Infinity, false];
  let ahead = Date.now() - steady();
  const look = () => {
    const now = steady();
    const before = ahead;
    let earliest = Infinity;
    for (const { at } of pending) earliest = Math.min(earliest, at);
    const late = now - earliest;
    ahead = Date.now() - now;
    const hasStepped = ahead - before > DISTURBANCE;
    if (hasStepped || late > DISTURBANCE) disturbedAt = now;
    mayHaveSlept ||= hasStepped || late > OVERSLEPT;
    return now;
  };
  return {
    now: look,
    after: (ms, run) => {
      const due = { at: look() + ms };
      pending.add(due);
      const fired = () => {
        look();
        pending.delete(due);
        run();
      };
      const timer = timers.setTimeout(fired, Math.min(Math.max(0, ms), LONGEST_TIMEOUT));
      if (timers.unref) (timer as { unref?: () => void }).unref?.();
      return () => {
        pending.delete(due);
        timers.clearTimeout(timer as never);
      };
    },
    disturbedAt: () => {
      look();
      return disturbedAt;
    },
    mayHaveSlept: () => {
      look();
      const answer = mayHaveSlept;
      mayHaveSlept = false;
      return answer;
    },
  };
}

/** Milliseconds since it was made, from the wall clock where there is nothing better. */
function steadyClock(): () => number {
  if (typeof performance !== "undefined") {
    const start = performance.now();
    return () => performance.now() - start;
  }
  let [now, before] = [0, Date.now()];
  return () => {
    const wall = Date.now();
    now += Math.max(0, wall - before);
    before = wall;
    return now;
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
