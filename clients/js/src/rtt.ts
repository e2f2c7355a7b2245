/** The round-trip time and the time-out that follows from it, as in RFC 6298. */
export class RoundTrip {
  #smoothed: number | null = null;
  #variation = 0;
  /** How often a deadline has passed since the last measurement. */
  #passed = 0;

  /** SRTT in milliseconds; null before the first measurement. */
  get smoothed(): number | null {
    return this.#smoothed;
  }

  /** RTO in milliseconds. */
  get timeout(): number {
    const measured = this.#smoothed === null ? 0 : this.#smoothed + 4 * this.#variation;
    const timeout = Math.max(MIN_TIMEOUT, measured);
    return Math.min(timeout * 2 ** Math.min(this.#passed, 6), MAX_TIMEOUT);
  }

  /**
   * How long to wait for a sign of life that must be given after `quiet` ms, and is missed after `limit` ms, if the
   * network leaves time for the answer until then, and for the two round trips in which a request opens its connection.
   */
  patience(quiet: number, limit: number): number {
    const roundTrip = this.#smoothed ?? 0;
    const answered = quiet + this.timeout;
    return Math.max(limit, answered, Math.min(limit + roundTrip, answered + 2 * roundTrip));
  }

  /** A deadline that follows from the time-out has passed: a slow network is not to be given up again and again. */
  backOff(): void {
    this.#passed += 1;
  }

  measured(ms: number): void {
    this.#passed = 0;
    if (this.#smoothed === null) {
      this.#smoothed = ms;
      this.#variation = ms / 2;
      return;
    }
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - ms);
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * ms;
  }
}

const MIN_TIMEOUT = 1_000;
/** Below that of RFC 6298, which does not know of sessions that end after a minute. */
const MAX_TIMEOUT = 20_000;
