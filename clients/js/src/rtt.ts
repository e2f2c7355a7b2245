/** The round-trip time and the time-out that follows from it, as in RFC 6298. */
export class RoundTrip {
  #smoothed: number | null = null;
  #variation = 0;

  /** SRTT in milliseconds; null before the first measurement. */
  get smoothed(): number | null {
    return this.#smoothed;
  }

  /** RTO in milliseconds. */
  get timeout(): number {
    return this.#smoothed === null ? MIN_TIMEOUT : Math.max(MIN_TIMEOUT, this.#smoothed + 4 * this.#variation);
  }

  measured(ms: number): void {
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
