import type { Tier, Tiers } from "./tiers.js";

/** What shall be done about carriers, which are known by number. */
export type Action =
  /**
   * Give this carrier this epoch: a WebSocket sends its attach record, an HTTP carrier makes requests with it. Packets go
   * to the carrier with the highest epoch. The same carrier can be attached again.
   *
   * `trial`: a long-poll that has proved itself only when a request took at least 750 ms or was answered with a packet.
   */
  | { type: "attach"; carrier: number; epoch: number; trial: boolean }
  /** This carrier works both ways and is the one that carries the session, which is what the application is told. */
  | { type: "carry"; carrier: number; tier: Tier; cause: Cause }
  /** The opening has failed on every tier; the ladder does nothing more. */
  | { type: "giveUp" }
  /** Ask this WebSocket with a `p` record whether data passes; it has not attached. */
  | { type: "probe"; carrier: number }
  /** Note for the next opening that this tier works here, with the time. */
  | { type: "remember"; tier: Tier }
  /** Make a carrier. A WebSocket is opened; an HTTP carrier waits for the attach that follows. */
  | { type: "start"; carrier: number; tier: Tier }
  /** Close this carrier or abort its requests, if it is not gone already, and report nothing about it any more. */
  | { type: "stop"; carrier: number };

/**
 * Why a carrier is given up.
 *
 * - `closed`: the connection was closed.
 * - `error`: the connection broke.
 * - `foreign`: something else than the server answered, such as a proxy with its own page.
 * - `refused`: the connection or the upgrade was refused.
 * - `silent`: nothing came in time.
 * - `unacknowledged`: packets were not acknowledged in time.
 */
export type Failure = "closed" | "error" | "foreign" | "refused" | "silent" | "unacknowledged";

/** Why another carrier carries the session: the one before failed, a better one proved itself, or it was opened. */
export type Cause = Failure | "better" | "opened";

export interface LadderOptions {
  /** The tiers that may be used. Default all. None counts as all. */
  tiers?: Tiers;
  /** Milliseconds for a tier to carry data both ways before the next one is started beside it. Default 150; at least 250 once the session is open. */
  raceDelay?: number;
  /** Milliseconds for a carrier to prove itself before it is given up. Default 10,000. */
  trialDeadline?: number;
  /** The tier that worked here before, and how many milliseconds ago that was noted. Default none. */
  remembered?: { tier: Tier; age: number } | null;
  /** Where the random numbers for jitter begin. Default 0; choose it at random. */
  seed?: number;
}

/** The shortest race delay of a session that is open, because a carrier that has to attach again costs a round trip. */
export const MIN_RACE_DELAY = 250;
/** How long a tier is remembered. */
export const MEMORY = 600_000;
/** How long a tier must have carried the session to be remembered. */
export const PROOF = 10_000;
/** How often what is remembered is noted again while it goes on. */
export const REFRESH = 300_000;
/** Waits between the trials of a better tier; the last one is repeated. */
export const WAITS = [30_000, 120_000, 600_000] as const;
/** A WebSocket that fails sooner after its promotion is on probation. */
export const PROBATION = 30_000;
/**
 * The same for an HTTP tier, which has no connection that is cut now and then: if it fails, something in its way does not
 * allow it, as where a proxy allows one connection and a request with packets needs a second.
 */
export const HTTP_PROBATION = 600_000;
/** How long trials wait after the network may have gone. */
export const OFFLINE = 5_000;
/** The wait before the worst tier is started again, and the longest that it grows to. */
export const RESTART = 100;
export const MAX_RESTART = 5_000;
/** The round-trip time-out before the first measurement, and the shortest. */
export const MIN_TIMEOUT = 1_000;
