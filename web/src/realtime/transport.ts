import type { Cause } from "./status";

export type SocketTier = "websocket" | "long-polling";

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
