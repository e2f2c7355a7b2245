import type { Clock } from "../clock.js";
import type { Failure, Tier } from "../ladder/index.js";
import type { Link } from "../link.js";
import type { Wire } from "../packet.js";
import type { EndReason } from "../records.js";
import type { RoundTrip } from "../rtt.js";

/** A connection, or a series of requests, that carries packets of a session. */
export interface Carrier {
  readonly tier: Tier;
  /** Whether the server has answered with the epoch of the last attach. */
  readonly hasAnswered: boolean;
  /** Becomes the newest carrier. May come again with a newer epoch. */
  attach(epoch: number, trial: boolean): void;
  /** Asks whether data passes; only a WebSocket that has not attached is asked. */
  probe(): void;
  /** There may be something to send; only the carrier that packets go to is told. */
  flush(): void;
  /** Whether the application waits for events has changed, or the time between two requests has. */
  retime(): void;
  /** It may be gone, as after the computer slept: finds out soon. */
  doubt(): void;
  /** Tells the received count once more, before it is stopped. */
  acknowledge(): void;
  /** Ends it; it reports nothing any more. */
  stop(): void;
}

/** What a carrier tells its session, and asks it. */
export interface CarrierEvents {
  /** Whether packets go here; if they have not until now, those that are not acknowledged come first. */
  isSender(): boolean;
  /** The WebSocket is open. */
  opened(): void;
  /** Data has passed both ways since it was probed or attached. */
  proved(): void;
  /** It is of no use any more; `detail` says what was seen. */
  failed(failure: Failure, detail: string): void;
  /** The other side has received this many packets. Throws a `ProtocolError` if it cannot have. */
  received(count: number): void;
  /** A packet has come that has this number, perhaps again. Throws a `ProtocolError` if it is not acceptable. */
  packet(number: number, wire: Wire): void;
  /** The time between two periodic requests. */
  period(ms: number): void;
  /** The server has ended this carrier's epoch, or the session. */
  ended(reason: EndReason, epoch: number): void;
  /** What was asked at this time is answered now. */
  roundTrip(since: number): void;
}

/** What all carriers of a session share. */
export interface Shared {
  readonly clock: Clock;
  readonly link: Link;
  readonly roundTrip: RoundTrip;
  readonly connect: Connect;
  /** Whether the session's id is known already. */
  readonly isOpen: () => boolean;
  /** The longest packet and the longest body of packets, in bytes. */
  readonly maxPayload: () => number;
  /** For how long a WebSocket may be silent on a network that takes no time. */
  readonly liveness: () => number;
  /** Since when the application waits for events; null while it does not. */
  readonly expectingSince: () => number | null;
  /** For how long a request may be held. */
  readonly hold: () => number;
  /** Milliseconds between two periodic requests. */
  readonly period: () => number;
  /** Number of the next HTTP request. */
  readonly nextSeq: () => number;
}

/** How connections are made. */
export interface Connect {
  webSocket(): Promise<SocketLike> | SocketLike;
  post(query: Record<string, string | number>, init: RequestInit): Promise<Response>;
}

/** The part of a `WebSocket` that is used, be it the browser's or that of `ws`. */
export interface SocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code?: number; reason?: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(data: string | Uint8Array): void;
  close(): void;
}
