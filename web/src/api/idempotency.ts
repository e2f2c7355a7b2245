/**
 * One key for each distinct wish, so that asking for the same thing again, by a retry or a second click, cannot start
 * it twice, and asking for something else can.
 */
export class IdempotencyKeys {
  #wish: string | null = null;
  #key = "";

  keyFor(wish: string): string {
    if (wish !== this.#wish) {
      this.#wish = wish;
      this.#key = randomKey();
    }
    return this.#key;
  }

  /** The same wish is a new one from now on. */
  forget(): void {
    this.#wish = null;
  }
}

/** 128 random bits. `crypto.randomUUID` exists on secure origins only. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
