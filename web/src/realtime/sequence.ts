import type { JobEvent } from "./events";

/** More than this many events behind a gap are not kept waiting: memory stays bounded whatever the server does. */
const MAX_HELD = 2_000;

/**
 * Puts a job's events in order, each one once.
 *
 * The server may leave out `progress` events for a slow reader, so a gap in the numbers is either that or a loss.
 * Events behind a gap are held until `settle` says that the gap has been looked up.
 */
export class EventSequence {
  #last: number;
  #held: JobEvent[] = [];

  constructor(after: number) {
    this.#last = after;
  }

  /** Number of the last event passed on. */
  get last(): number {
    return this.#last;
  }

  hasGap(): boolean {
    return this.#held.length > 0;
  }

  /** Those of `events` that belong into the gaps: what was lost or left out on the way. */
  lacking(events: readonly JobEvent[]): JobEvent[] {
    const held = new Set(this.#held.map(({ seq }) => seq));
    const end = this.#held.at(-1)?.seq ?? 0;
    return events.filter(({ seq }) => seq > this.#last && seq < end && !held.has(seq));
  }

  /** Takes events in any order, repeats included, and returns those whose turn it is. */
  offer(events: readonly JobEvent[]): JobEvent[] {
    for (const event of events) this.#hold(event);
    if (this.#held.length > MAX_HELD) return this.release();
    return this.#take((event) => event.seq === this.#last + 1);
  }

  /**
   * Takes a complete stretch of the log, read with `last` or an earlier number as its beginning: what it lacks does
   * not exist, so everything up to its end is in order.
   */
  settle(events: readonly JobEvent[]): JobEvent[] {
    for (const event of events) this.#hold(event);
    const end = events.reduce((highest, event) => Math.max(highest, event.seq), this.#last);
    return this.#take((event) => event.seq <= end || event.seq === this.#last + 1);
  }

  /** Passes on whatever is held, because the gaps cannot be looked up. */
  release(): JobEvent[] {
    return this.#take(() => true);
  }

  #hold(event: JobEvent): void {
    if (event.seq <= this.#last) return;
    const at = this.#held.findLastIndex((held) => held.seq <= event.seq);
    if (this.#held[at]?.seq === event.seq) return;
    this.#held.splice(at + 1, 0, event);
  }

  #take(due: (event: JobEvent) => boolean): JobEvent[] {
    let count = 0;
    for (const event of this.#held) {
      if (!due(event)) break;
      this.#last = event.seq;
      count += 1;
    }
    return this.#held.splice(0, count);
  }
}
