import type { Cause } from "./status";

export type SocketTier = "websocket" | "long-polling" | "periodic";

/** What is known of the connection beside its tier; another object after each change. */
export interface ConnectionDetail {
  /** Milliseconds; null before it was measured. */
  roundTrip: number | null;
  lastSwitch: { at: number; from: SocketTier | null; to: SocketTier; gap: number } | null;
}

export type SocketStatus =
  | { phase: "connected"; tier: SocketTier; cause: Cause | null }
  | { phase: "connecting" | "disconnected"; cause: Cause | null };

/**
 * The lasting connection to the server. It reconnects by itself; a reconnected socket has no subscriptions, so
 * whoever needs one subscribes again when the phase becomes `connected`.
 */
export interface LiveTransport {
  readonly status: SocketStatus;
  open(): void;
  /** Calls the listener on each change of `status`. */
  onStatus(listener: () => void): Unsubscribe;
  /** Null while nothing is known, as over a transport that tells nothing. Changes are told to `onStatus` listeners. */
  readonly detail: ConnectionDetail | null;
  /** Says whether news are expected, so that a connection that has gone mute has to be found soon. */
  expectEvents(expecting: boolean): void;
  on(event: string, listener: (payload: unknown) => void): Unsubscribe;
  /** Sends an event and waits for its acknowledgement; rejects when none comes in time or the socket is down. */
  request(event: string, payload: unknown): Promise<unknown>;
  /** Sends an event that needs no answer; does nothing while the socket is down. */
  send(event: string, payload: unknown): void;
  /** Gives up the present connection, because it delivers nothing, and opens another one. */
  restart(): void;
  close(): void;
}

export type Unsubscribe = () => void;
