import { MEMORY, type Tier, TIERS } from "./ladder/index.js";

/** What a tier is noted in, by origin and path: the browser's storage if it can be used, else this page's memory. */
export interface TierMemory {
  read(now: number): { tier: Tier; age: number } | null;
  note(tier: Tier, now: number): void;
}

const pages = new Map<string, string>();

/** The memory for one server; `now` is the wall clock, as it is shared with other pages and later visits. */
export function tierMemory(server: string): TierMemory {
  const key = `socketio-adaptive:${server}`;
  return {
    read: (now) => {
      const stored = read(key) ?? pages.get(key);
      const [tier, at] = stored?.split("@") ?? [];
      const age = now - Number(at);
      const known = TIERS.find((name) => name === tier);
      return known !== undefined && age >= 0 && age < MEMORY ? { tier: known, age } : null;
    },
    note: (tier, now) => {
      const value = `${tier}@${now}`;
      pages.set(key, value);
      try {
        globalThis.localStorage.setItem(key, value);
      } catch {
        // Private windows, workers and Node.js have none, or forbid it.
      }
    },
  };
}

function read(key: string): string | null {
  try {
    return globalThis.localStorage.getItem(key);
  } catch {
    return null;
  }
}
