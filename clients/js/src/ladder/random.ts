/** Random numbers for jitter: mulberry32, which is the same in Rust, bit for bit. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number of 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 80 % to 120 % of a wait, in whole milliseconds. */
  jitter(wait: number): number {
    return Math.floor((wait * (800 + (this.next() % 401))) / 1_000);
  }
}
