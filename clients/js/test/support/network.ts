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
  /** Bytes per second of what the server sends, for each message and each body on its own. */
  rate = Infinity;
  /** Whether a proxy sends the head of each response before the server does. */
  sendsHeadFirst = false;
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
    const isPoll = query.get("carrier") === "long-poll";
    const way = this.#way(isPoll);
    await this.pass(signal);
    if (way === "refused") throw new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
    if (way === "mute") return new Response("<html>502 Bad Gateway</html>", { status: 502 });
    if (way === "silent") return this.#never(signal);
    const answer = this.server.post(query, sent as string);
    if (this.sendsHeadFirst) return new Response(later(answer));
    const body = await Promise.race([answer, this.#never(signal)]);
    if (way === "up" || this.#way(isPoll) === "up") return this.#never(signal);
    await this.pass(signal);
    return new Response(this.rate < Infinity ? this.#slowly(body, signal) : body);
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

  /** Parts of a body, as they come. */
  #slowly(body: string, signal: AbortSignal): ReadableStream<Uint8Array> {
    const bytes = new TextEncoder().encode(body);
    const part = Math.ceil(this.rate * 0.5);
    let sent = 0;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (this.http === "open") controller.enqueue(bytes.subarray(sent, (sent += part)));
      else await this.#never(signal);
      if (sent >= bytes.length) controller.close();
    };
    return new ReadableStream({ pull }, { highWaterMark: 0 });
  }

  #way(isPoll: boolean): Way {
    return isPoll && this.http === "open" ? this.longPoll : this.http;
  }

  #never(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  }
}

function later(body: Promise<string>): ReadableStream<Uint8Array> {
  const start = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    controller.enqueue(new TextEncoder().encode(await body));
    controller.close();
  };
  return new ReadableStream({ start: (controller) => void start(controller) });
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
  #isCut = false;

  constructor(network: FakeNetwork, query: URLSearchParams) {
    this.#network = network;
    const later = (run: () => void) => setTimeout(() => this.#isClosed || run(), network.latency);
    let free = 0;
    const passes = (data: Wire) => {
      free = Math.max(free, performance.now() + network.latency) + (1_000 * data.length) / network.rate;
      const arrives = () => this.#isClosed || ["mute", "up"].includes(network.websocket) || this.onmessage?.({ data: toEvent(data) });
      setTimeout(arrives, free - performance.now());
    };
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
    // What was sent before this side closes is still carried.
    setTimeout(() => this.#isCut || this.#network.websocket === "mute" || this.#toServer(copy), this.#network.latency);
  }

  close(): void {
    this.#isClosed = true;
    this.#network.forget(this);
  }

  closed(code: number): void {
    this.#isCut = true;
    if (this.#isClosed) return;
    this.close();
    this.onclose?.({ code });
  }
}

function toEvent(data: Wire): unknown {
  return typeof data === "string" ? data : data.slice().buffer;
}
