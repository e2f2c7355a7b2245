import { ProtocolError } from "./errors.js";
import { Tiers } from "./ladder/index.js";
import type { Wire } from "./packet.js";

/** What the server's OPEN packet says. */
export interface Handshake {
  sid: string;
  maxPayload: number;
  /** `pingInterval` and `pingTimeout` together: how long a carrier may be silent. */
  liveness: number;
  /** Bytes of packets that either side may have sent without an acknowledgement. */
  window: number;
  /** Milliseconds for which a session outlives its last carrier. */
  expiry: number;
  carriers: Tiers;
  /** Milliseconds between two periodic requests, until a record says otherwise. */
  period: number;
}

export function readHandshake(wire: Wire): Handshake {
  const { sid, pingInterval, pingTimeout, maxPayload, adaptive } = parse(wire);
  if (typeof sid !== "string" || sid === "" || typeof adaptive !== "object" || adaptive === null) throw unusable(wire);
  const { window, expiry, carriers, period } = adaptive as Record<string, unknown>;
  const number = (value: unknown) => {
    if (typeof value !== "number" || !(value >= 0)) throw unusable(wire);
    return value;
  };
  return {
    sid,
    maxPayload: maxPayload === undefined ? Infinity : number(maxPayload),
    liveness: number(pingInterval) + number(pingTimeout),
    window: number(window),
    expiry: number(expiry),
    carriers: new Tiers(Array.isArray(carriers) ? carriers.map(String) : []),
    period: number(period),
  };
}

function parse(wire: Wire): Record<string, unknown> {
  try {
    if (typeof wire !== "string" || !wire.startsWith("0")) throw unusable(wire);
    return JSON.parse(wire.slice(1)) as Record<string, unknown>;
  } catch {
    throw unusable(wire);
  }
}

function unusable(wire: Wire): ProtocolError {
  const shown = typeof wire === "string" ? wire.slice(0, 200) : "binary";
  return new ProtocolError(`the session begins with an unusable handshake: ${shown}`);
}
