/** How news of a job reach this page, best first. */
export type Tier = "websocket" | "long-polling" | "periodic" | "connecting" | "offline";

/** Why the tier is not the best one. */
export type Cause =
  | "websocket-refused"
  | "websocket-timeout"
  | "socket-not-open"
  | "websocket-cut"
  | "websocket-silent"
  | "requests-not-held"
  | "socket-cut"
  | "socket-silent"
  | "subscription-refused"
  | "server-unreachable";

export interface ConnectionStatus {
  tier: Tier;
  cause: Cause | null;
  /** Milliseconds of `Date.now()` at which this tier began. */
  since: number;
}

/** The status after a change; the same object when nothing changed, so that observers can compare by identity. */
export function changed(previous: ConnectionStatus, tier: Tier, cause: Cause | null): ConnectionStatus {
  if (previous.tier === tier && previous.cause === cause) return previous;
  return { tier, cause, since: previous.tier === tier ? previous.since : Date.now() };
}
