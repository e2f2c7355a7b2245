import type { Tier } from "./tiers.js";
import { HTTP_PROBATION, MAX_RESTART, PROBATION, RESTART, WAITS } from "./types.js";

/** When a tier is tried in the background. */
export class Trials {
  /** The wait before the last trial, without jitter. */
  wait = 0;
  due: number | null = null;
  /** Whether it failed soon after its promotion. */
  onProbation = false;

  /** A carrier of this tier has failed. Gives the wait before the next trial, without jitter. */
  failed({ tier, carried, promoted }: { tier: Tier; carried: boolean; promoted: number | null }, now: number): number {
    const probation = tier === "websocket" ? PROBATION : HTTP_PROBATION;
    const onProbation = promoted !== null && now < promoted + probation;
    if (onProbation) this.wait = Math.min(Math.max(2 * this.wait, WAITS[0]), WAITS[2]);
    else if (carried) this.wait = 0;
    else this.wait = WAITS.find((wait) => wait > this.wait) ?? WAITS[2];
    this.onProbation = onProbation || (this.onProbation && !carried);
    return this.wait;
  }
}

/** When the worst tier is started again, after all have failed. */
export class Restart {
  at: number | null = null;
  /** The wait before the next, without jitter. */
  #wait = RESTART;

  /** Whether it was scheduled no more than once since something worked. */
  get isFirst(): boolean {
    return this.#wait <= 2 * RESTART;
  }

  /** Sets the time, unless it is set. */
  schedule(now: number, jitter: (wait: number) => number): void {
    if (this.at !== null) return;
    this.at = now + jitter(this.#wait);
    this.#wait = Math.min(2 * this.#wait, MAX_RESTART);
  }

  /** Something works again. Returns whether nothing had for a while. */
  clear(): boolean {
    const wasDown = this.#wait > RESTART;
    this.at = null;
    this.#wait = RESTART;
    return wasDown;
  }
}

