import { io, type Socket } from "socket.io-client";
import { Adaptive, AdaptiveStatus, type Switch, type Tier } from "socketio-adaptive";

import { Emitter } from "./emitter";
import type { Cause } from "./status";
import type { ConnectionDetail, LiveTransport, SocketStatus, SocketTier, Unsubscribe } from "./transport";

/** Ends an opening that hangs: a WebSocket that is let through and then stays mute never fails by itself. */
const OPEN_TIMEOUT_MS = 4_000;
const ACK_TIMEOUT_MS = 4_000;
const REOPEN_DELAY_MS = 2_000;

export interface SocketIoOptions {
  /** The server's origin; the page's own when left out. */
  url?: string;
  /** 4 s when left out. */
  openTimeoutMs?: number;
  /** The session that the connection was opened with is over. */
  onSessionEnded?: () => void;
}

/** How long a session may look for another carrier before others step in; meanwhile nobody need notice. */
const SWITCHING_MS = 2_500;

const tiers: Record<Tier, SocketTier> = { websocket: "websocket", "long-poll": "long-polling", periodic: "periodic" };

type Transports = NonNullable<Socket["io"]["opts"]["transports"]>;

/** What an opening is tried with in turn: an intermediary may know the standard transports only. */
const openings: Transports[] = [[Adaptive] as unknown as Transports, ["polling", "websocket"]];

/** The Socket.IO client with the adaptive transport behind the `LiveTransport` seam. */
export class SocketIoTransport implements LiveTransport {
  readonly #socket: Socket;
  readonly #changes = new Emitter();
  #status: SocketStatus = { phase: "connecting", cause: null };
  #websocketTrouble: Cause | null = null;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  readonly #adaptive = new AdaptiveStatus();
  #switching: ReturnType<typeof setTimeout> | undefined;
  #detail: ConnectionDetail | null = null;
  #opening = 0;

  constructor({ url, openTimeoutMs = OPEN_TIMEOUT_MS, onSessionEnded }: SocketIoOptions = {}) {
    const options = {
      autoConnect: false,
      forceNew: true,
      transports: openings[0],
      transportOptions: { adaptive: { status: this.#adaptive } },
      tryAllTransports: true,
      timeout: openTimeoutMs,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
    };
    this.#socket = url === undefined ? io(options) : io(url, options);
    this.#socket.on("connect", () => this.#connected());
    this.#socket.on("connect_error", (error) => this.#failed(error));
    this.#socket.on("disconnect", (reason) => this.#disconnected(reason));
    if (onSessionEnded) this.#socket.on("session_ended", onSessionEnded);
    this.#adaptive.on("change", () => this.#carrierChanged());
  }

  get status(): SocketStatus {
    return this.#status;
  }

  get detail(): ConnectionDetail | null {
    return this.#detail;
  }

  expectEvents(expecting: boolean): void {
    this.#adaptive.expectEvents(expecting);
  }

  open(): void {
    this.#set({ phase: "connecting", cause: null });
    this.#socket.connect();
  }

  onStatus(listener: () => void): Unsubscribe {
    return this.#changes.add(listener);
  }

  on(event: string, listener: (payload: unknown) => void): Unsubscribe {
    this.#socket.on(event, listener);
    return () => this.#socket.off(event, listener);
  }

  async request(event: string, payload: unknown): Promise<unknown> {
    if (!this.#socket.connected) throw new Error("the socket is not connected");
    return (await this.#socket.timeout(ACK_TIMEOUT_MS).emitWithAck(event, payload)) as unknown;
  }

  send(event: string, payload: unknown): void {
    if (this.#socket.connected) this.#socket.emit(event, payload);
  }

  restart(): void {
    this.#otherOrder();
    this.#socket.io.engine.close();
  }

  close(): void {
    clearTimeout(this.#reopen);
    clearTimeout(this.#switching);
    this.#socket.close();
  }

  #connected(): void {
    const { engine } = this.#socket.io;
    if (this.#isAdaptive) {
      this.#carrierChanged();
      return;
    }
    const report = () => {
      const websocket = engine.transport.name === "websocket";
      if (websocket) this.#websocketTrouble = null;
      const cause = websocket ? null : (this.#websocketTrouble ?? "websocket-refused");
      this.#set({ phase: "connected", tier: websocket ? "websocket" : "long-polling", cause });
    };
    engine.on("upgrade", report);
    report();
  }

  #failed(error: Error): void {
    this.#websocketTrouble = error.message === "timeout" ? "websocket-timeout" : "websocket-refused";
    this.#set({ phase: "disconnected", cause: "socket-not-open" });
    this.#otherOrder();
    // The server refused the namespace, and then the client does not try again by itself.
    if (!this.#socket.active) this.#reopenLater();
  }

  #disconnected(reason: Socket.DisconnectReason): void {
    clearTimeout(this.#switching);
    this.#switching = undefined;
    this.#detail = null;
    if (reason === "io client disconnect") return;
    this.#set({ phase: "disconnected", cause: "socket-cut" });
    if (reason === "io server disconnect") this.#reopenLater();
  }

  #reopenLater(): void {
    clearTimeout(this.#reopen);
    this.#reopen = setTimeout(() => this.#socket.connect(), REOPEN_DELAY_MS * (1 + Math.random()));
  }

  get #isAdaptive(): boolean {
    return (this.#socket.io.engine.transport as { name: string }).name === "adaptive";
  }

  /** Another carrier carries the session, or the round trip was measured. */
  #carrierChanged(): void {
    if (!this.#socket.connected || !this.#isAdaptive) return;
    const { tier, lastSwitch, roundTrip } = this.#adaptive;
    if (tier === null || !lastSwitch) {
      this.#switchingLong();
      return;
    }
    clearTimeout(this.#switching);
    this.#switching = undefined;
    const detail = detailOf(lastSwitch, roundTrip);
    const isNews = JSON.stringify(detail) !== JSON.stringify(this.#detail);
    const status: SocketStatus = { phase: "connected", tier: tiers[tier], cause: causeOf(lastSwitch) };
    if (!isNews && JSON.stringify(status) === JSON.stringify(this.#status)) return;
    this.#detail = detail;
    this.#set(status);
  }

  #switchingLong(): void {
    this.#switching ??= setTimeout(() => this.#set({ phase: "disconnected", cause: "socket-cut" }), SWITCHING_MS);
  }

  /** After a failure the next opening is made with the other transports. */
  #otherOrder(): void {
    this.#opening += 1;
    this.#socket.io.opts.transports = openings[this.#opening % openings.length];
  }

  #set(status: SocketStatus): void {
    this.#status = status;
    this.#changes.emit();
  }
}

function detailOf({ at, from, to, gap }: Switch, roundTrip: number | null): ConnectionDetail {
  const lastSwitch = { at, from: from && tiers[from], to: tiers[to], gap };
  return { roundTrip: roundTrip === null ? null : Math.max(1, Math.round(roundTrip)), lastSwitch };
}

/** Why it is not a WebSocket. */
function causeOf({ from, to, cause, detail }: Switch): Cause | null {
  if (to === "websocket") return null;
  if (to === "periodic") return "requests-not-held";
  if (from !== "websocket") return detail === null ? "websocket-timeout" : "websocket-refused";
  return cause === "silent" || cause === "unacknowledged" ? "websocket-silent" : "websocket-cut";
}
