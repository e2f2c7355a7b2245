import { Emitter } from "./emitter.js";
import type { Cause, Tier } from "./ladder/index.js";

/**
 * - `connecting`: there is no session yet, or no more.
 * - `open`: a carrier carries the session.
 * - `switching`: the session goes on, and another carrier is looked for.
 * - `closed`: the session is over; Socket.IO opens another unless it was told not to.
 */
export type Phase = "connecting" | "open" | "switching" | "closed";

/** Another carrier carries the session. */
export interface Switch {
  /** Milliseconds since the epoch of Unix. */
  at: number;
  /** Null when it was opened. */
  from: Tier | null;
  to: Tier;
  cause: Cause;
  /** What was seen of the carrier before when it failed, for people who look for the reason. */
  detail: string | null;
  /** Milliseconds in which no carrier was known to work. */
  gap: number;
}

/** How a connection is doing. Never changes; there is another one after each change. */
export interface Snapshot {
  readonly phase: Phase;
  /** What carries the session; null while nothing does. */
  readonly tier: Tier | null;
  /** Smoothed round-trip time in milliseconds; null before it was measured. */
  readonly roundTrip: number | null;
  /** Bytes that the server has not acknowledged. */
  readonly buffered: number;
  /** The last switches, the newest last, across sessions. */
  readonly switches: readonly Switch[];
  /** How many there were in all. */
  readonly switchCount: number;
  /** Whether the application waits for events, so that a dead connection has to be found soon. */
  readonly expectingEvents: boolean;
}

/** How many switches are kept. */
const KEPT = 32;

export interface StatusEvents {
  /** Something has changed. */
  change: Snapshot;
  /** Another carrier carries the session. */
  switch: Switch;
}

/**
 * What an application can know of its connection, and the one thing that it can say.
 *
 * It outlives sessions: when Socket.IO connects anew, this goes on.
 */
export class AdaptiveStatus {
  readonly #emitter = new Emitter<StatusEvents>();
  readonly #expecting = new Set<(expecting: boolean) => void>();
  #snapshot: Snapshot = {
    phase: "connecting",
    tier: null,
    roundTrip: null,
    buffered: 0,
    switches: [],
    switchCount: 0,
    expectingEvents: false,
  };

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get phase(): Phase {
    return this.#snapshot.phase;
  }

  get tier(): Tier | null {
    return this.#snapshot.tier;
  }

  get roundTrip(): number | null {
    return this.#snapshot.roundTrip;
  }

  get buffered(): number {
    return this.#snapshot.buffered;
  }

  get switches(): readonly Switch[] {
    return this.#snapshot.switches;
  }

  get lastSwitch(): Switch | null {
    return this.#snapshot.switches.at(-1) ?? null;
  }

  /** Calls the listener on each event of this name. Returns how to stop that. */
  on<Name extends keyof StatusEvents>(name: Name, listener: (value: StatusEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /**
   * Says whether events are expected, as while a job runs.
   *
   * Then a connection that has gone mute is given up after 3 s and one round trip, at the price of a question each 1.5 s
   * of silence, or where there is no WebSocket of a request each second.
   */
  expectEvents(expecting: boolean): void {
    if (expecting === this.#snapshot.expectingEvents) return;
    this.update({ expectingEvents: expecting });
    for (const listener of [...this.#expecting]) listener(expecting);
  }

  /** @internal */
  onExpect(listener: (expecting: boolean) => void): () => void {
    this.#expecting.add(listener);
    return () => this.#expecting.delete(listener);
  }

  /** @internal */
  update(change: Partial<Snapshot>): void {
    const entries = Object.entries(change) as [keyof Snapshot, unknown][];
    if (entries.every(([name, value]) => this.#snapshot[name] === value)) return;
    this.#snapshot = { ...this.#snapshot, ...change };
    this.#emitter.emit("change", this.#snapshot);
  }

  /** @internal */
  switched(to: Switch): void {
    const { switches, switchCount } = this.#snapshot;
    this.update({ phase: "open", tier: to.to, switches: [...switches, to].slice(-KEPT), switchCount: switchCount + 1 });
    this.#emitter.emit("switch", to);
  }
}
