/** A network with faults between the client and the fake server, in whatever time the tests have. */

import type { SocketLike } from "../../src/index.js";
import type { Wire } from "../../src/packet.js";
import { FakeServer } from "./server.js";

/**
 * - `open`: works.
 * - `refused`: fails at once.
 * - `silent`: a WebSocket never opens, a request is never answered.
 * - `mute`: a WebSocket opens and carries nothing; a request is answered by a proxy.
 * - `up`: only what the client sends passes.
 */
export type Way = "open" | "refused" | "silent" | "mute" | "up";

export class FakeNetwork {
  readonly server = new FakeServer();
  websocket: Way = "open";
  http: Way = "open";
  longPoll: Way = "open";
  /** Milliseconds in each direction. */
  latency = 10;
  readonly #sockets = new Set<FakeSocket>();

  /** Ends all WebSockets without a goodbye. */
  cut(): void {
    [...this.#sockets].forEach((socket) => socket.closed(1006));
  }

  readonly openWebSocket = (url: string): SocketLike => {
    const socket = new FakeSocket(this, new URL(url).searchParams);
    this.#sockets.add(socket);
    return socket;
  };

  readonly fetch = async (input: string, { signal, body: sent }: RequestInit = {}): Promise<Response> => {
    const query = new URL(input).searchParams;
    if (!signal) throw new Error("a request that cannot be ended");
    const way = query.get("carrier") === "long-poll" && this.http === "open" ? this.longPoll : this.http;
    await this.pass(signal);
    if (way === "refused") throw new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
    if (way === "mute") return new Response("<html>502 Bad Gateway</html>", { status: 502 });
    if (way === "silent") return this.#never(signal);
    const body = await Promise.race([this.server.post(query, sent as string), this.#never(signal)]);
    if (way === "up") return this.#never(signal);
    await this.pass(signal);
    return new Response(body);
  };

  forget(socket: FakeSocket): void {
    this.#sockets.delete(socket);
  }

  pass(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener("abort", abort);
      setTimeout(() => {
        signal.removeEventListener("abort", abort);
        resolve();
      }, this.latency);
    });
  }

  #never(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  }
}

export class FakeSocket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code?: number }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly #network: FakeNetwork;
  readonly #toServer: (data: Wire) => void;
  #isOpen = false;
  #isClosed = false;

  constructor(network: FakeNetwork, query: URLSearchParams) {
    this.#network = network;
    const later = (run: () => void) => setTimeout(() => this.#isClosed || run(), network.latency);
    const passes = (data: Wire) => later(() => ["mute", "up"].includes(network.websocket) || this.onmessage?.({ data: toEvent(data) }));
    this.#toServer = network.server.connect(query, { send: passes, close: (code) => later(() => this.closed(code)) });
    if (network.websocket === "silent") return;
    setTimeout(() => {
      if (this.#isClosed) return;
      if (network.websocket === "refused") {
        this.onerror?.({});
        return this.closed(1006);
      }
      this.#isOpen = true;
      this.onopen?.();
    }, 2 * network.latency);
  }

  send(data: Wire): void {
    if (!this.#isOpen) throw new Error("not open");
    const copy = typeof data === "string" ? data : data.slice();
    setTimeout(() => this.#isClosed || this.#network.websocket === "mute" || this.#toServer(copy), this.#network.latency);
  }

  close(): void {
    this.#isClosed = true;
    this.#network.forget(this);
  }

  closed(code: number): void {
    if (this.#isClosed) return;
    this.close();
    this.onclose?.({ code });
  }
}

function toEvent(data: Wire): unknown {
  return typeof data === "string" ? data : data.slice().buffer;
}
