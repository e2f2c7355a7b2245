const FIRST_MS = 5_000;
const LONGEST_MS = 20_000;
/** A look that found something is repeated soon: once may be the socket being a moment slower, twice is a dead socket. */
const SUSPICIOUS_MS = 1_500;
const MISSES_UNTIL_DEAD = 2;

export type Look = "nothing-missed" | "missed";

/** Notices that a socket which claims to be connected has stopped delivering. */
export class SilenceWatch {
  readonly #look: () => Promise<Look>;
  readonly #dead: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watching = false;
  #quietMs = FIRST_MS;
  #misses = 0;

  /** `look` asks elsewhere whether the socket should have delivered something. */
  constructor(look: () => Promise<Look>, dead: () => void) {
    this.#look = look;
    this.#dead = dead;
  }

  start(): void {
    this.#watching = true;
    this.heard();
  }

  stop(): void {
    this.#watching = false;
    clearTimeout(this.#timer);
  }

  /** The socket delivered something. */
  heard(): void {
    if (!this.#watching) return;
    this.#misses = 0;
    this.#quietMs = FIRST_MS;
    this.#arm(FIRST_MS);
  }

  /** Looks now instead of waiting for the silence to grow long. */
  nudge(): void {
    if (this.#watching) this.#arm(0);
  }

  #arm(delay: number): void {
    clearTimeout(this.#timer);
    const timer = setTimeout(() => void this.#check(timer), delay);
    this.#timer = timer;
  }

  async #check(timer: ReturnType<typeof setTimeout>): Promise<void> {
    const found = await this.#look().catch(() => "missed" as const);
    // Something was heard, or the watch was stopped, while looking.
    if (!this.#watching || this.#timer !== timer) return;
    this.#misses = found === "missed" ? this.#misses + 1 : 0;
    if (this.#misses >= MISSES_UNTIL_DEAD) {
      this.stop();
      this.#dead();
      return;
    }
    if (found === "nothing-missed") this.#quietMs = Math.min(this.#quietMs * 2, LONGEST_MS);
    this.#arm(found === "missed" ? SUSPICIOUS_MS : this.#quietMs);
  }
}
