/** How long a client waits, and how it asks; in numbers that every implementation shares. */

import { maxPackets } from "../link.js";
import type { RoundTrip } from "../rtt.js";

/**
 * The liveness interval of an application that waits for events, and the shortest of any.
 *
 * It hears again within 3 s and one round trip; 100 ms of that are for the programs, which a busy machine makes slow.
 */
export const LIVENESS = 2_900;

/**
 * How long requests are held while the application waits for events, or while a long-poll is tried; and the longest time
 * between periodic ones while it does.
 */
export const SHORT_HOLD = 1_000;

/** A request that took so long was held. */
export const HELD = 750;

/** How many time-outs a request may take, because it may have to open a connection. */
const CONNECTING = 3;
/** Well before a session ends that nothing is heard of. */
const MAX_PATIENCE = 20_000;

export interface Asked {
  carrier: "long-poll" | "periodic";
  /** Milliseconds for which the server may hold it. */
  hold: number;
  /** Whether it gives the carrier its epoch. */
  attaches: boolean;
  /** Whether the application waits for events. */
  expecting: boolean;
}

/** How long the server may take to answer a request, beside the transfer of its body. */
export function answerTime(roundTrip: RoundTrip, { carrier, hold, attaches, expecting }: Asked): number {
  if (attaches || !expecting) return hold + Math.min(CONNECTING * roundTrip.timeout, MAX_PATIENCE);
  // The time before a periodic one was made counts as well.
  return carrier === "periodic" ? roundTrip.patience(0, LIVENESS - SHORT_HOLD) : roundTrip.patience(hold, LIVENESS);
}

/** How long a WebSocket may be silent. */
export function silence(roundTrip: RoundTrip, liveness: number): number {
  return roundTrip.patience(liveness / 2, liveness);
}

/** Whether a response has so much that there is more where it came from. */
export function isFull(bytes: number, packets: number, window: number, maxPayload: number): boolean {
  return bytes >= Math.floor(Math.min(window, maxPayload) / 2) || packets >= Math.floor(maxPackets(window) / 2);
}

/** How long the transfer of so many bytes may take, in milliseconds. */
export function transferTime(bytes: number): number {
  return Math.floor((bytes * 1_000) / (32 * 1024));
}
