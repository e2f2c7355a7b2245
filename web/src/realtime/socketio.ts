import { io, type Socket } from "socket.io-client";

import { Emitter } from "./emitter";
import type { Cause } from "./status";
import type { LiveTransport, SocketStatus, Unsubscribe } from "./transport";

/** Ends an opening that hangs: a WebSocket that is let through and then stays mute never fails by itself. */
const OPEN_TIMEOUT_MS = 4_000;
const ACK_TIMEOUT_MS = 4_000;
const REOPEN_DELAY_MS = 2_000;

export interface SocketIoOptions {
  /** The server's origin; the page's own when left out. */
  url?: string;
  /** 4 s when left out. */
  openTimeoutMs?: number;
}

/** The stock Socket.IO client behind the `LiveTransport` seam. */
export class SocketIoTransport implements LiveTransport {
  readonly #socket: Socket;
  readonly #changes = new Emitter();
  #status: SocketStatus = { phase: "connecting", cause: null };
  #websocketTrouble: Cause | null = null;
  #reopen: ReturnType<typeof setTimeout> | undefined;

  constructor({ url, openTimeoutMs = OPEN_TIMEOUT_MS }: SocketIoOptions = {}) {
    const options = {
      autoConnect: false,
      forceNew: true,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      timeout: openTimeoutMs,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
    };
    this.#socket = url === undefined ? io(options) : io(url, options);
    this.#socket.on("connect", () => this.#connected());
    this.#socket.on("connect_error", (error) => this.#failed(error));
    this.#socket.on("disconnect", (reason) => this.#disconnected(reason));
  }

  get status(): SocketStatus {
    return this.#status;
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
    this.#socket.close();
  }

  #connected(): void {
    const { engine } = this.#socket.io;
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
    if (reason === "io client disconnect") return;
    this.#set({ phase: "disconnected", cause: "socket-cut" });
    if (reason === "io server disconnect") this.#reopenLater();
  }

  #reopenLater(): void {
    clearTimeout(this.#reopen);
    this.#reopen = setTimeout(() => this.#socket.connect(), REOPEN_DELAY_MS * (1 + Math.random()));
  }

  /**
   * After a failure the next opening begins with the other transport: an opening that begins with a hanging WebSocket
   * would hang each time, and one that begins with polling still upgrades where it can.
   */
  #otherOrder(): void {
    const { opts } = this.#socket.io;
    opts.transports = [...(opts.transports ?? [])].reverse() as NonNullable<typeof opts.transports>;
  }

  #set(status: SocketStatus): void {
    this.#status = status;
    this.#changes.emit();
  }
}
