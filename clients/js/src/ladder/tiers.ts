/** A kind of carrier. */
export type Tier = "websocket" | "long-poll" | "periodic";

/** All of them, the best first. */
export const TIERS: readonly Tier[] = ["websocket", "long-poll", "periodic"];

/** Whether the first is better than the second. */
export const isBetter = (tier: Tier, than: Tier): boolean => TIERS.indexOf(tier) < TIERS.indexOf(than);

/** A set of tiers in order of preference. */
export class Tiers {
  static readonly none = new Tiers([]);
  static readonly all = new Tiers(TIERS);
  readonly list: readonly Tier[];

  constructor(tiers: Iterable<string>) {
    const names = [...tiers];
    this.list = TIERS.filter((tier) => names.includes(tier));
  }

  /** A tier and all better ones. */
  static upTo(tier: Tier): Tiers {
    return new Tiers(TIERS.slice(0, TIERS.indexOf(tier) + 1));
  }

  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  get best(): Tier | undefined {
    return this.list[0];
  }

  get worst(): Tier | undefined {
    return this.list.at(-1);
  }

  has(tier: Tier): boolean {
    return this.list.includes(tier);
  }

  with(tier: Tier): Tiers {
    return new Tiers([...this.list, tier]);
  }

  without(others: Tiers): Tiers {
    return new Tiers(this.list.filter((tier) => !others.has(tier)));
  }

  and(others: Tiers): Tiers {
    return new Tiers(this.list.filter((tier) => others.has(tier)));
  }

  betterThan(than: Tier): Tiers {
    return new Tiers(this.list.filter((tier) => isBetter(tier, than)));
  }
}
