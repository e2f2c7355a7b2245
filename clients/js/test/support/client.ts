import { Adaptive, AdaptiveStatus, type AdaptiveOptions } from "../../src/index.js";
import type { EnginePacket } from "../../src/packet.js";
import type { FakeNetwork } from "./network.js";

type Network = Pick<FakeNetwork, "openWebSocket"> & { fetch: unknown };

interface FakeTimer {
  at: number;
  run: () => void;
  handle?: NodeJS.Timeout;
}

/** A transport with an Engine that writes down what it is told. */
export class FakeEngine {
  binaryType = "nodebuffer";
  readyState = "opening";
  /** Whether timers only fire on the full minute, as in a page in the background. */
  isThrottled = false;
  readonly #timers = new Set<FakeTimer>();
  readonly setTimeoutFn = (run: () => void, ms: number) => {
    const timer: FakeTimer = {
      at: performance.now() + ms,
      run: () => {
        this.clearTimeoutFn(timer);
        run();
      },
    };
    const arm = (ms: number) => {
      timer.handle = setTimeout(() => {
        const rest = this.isThrottled ? (60_000 - (Math.round(performance.now()) % 60_000)) % 60_000 : 0;
        if (rest > 0) arm(rest);
        else timer.run();
      }, ms);
    };
    arm(ms);
    this.#timers.add(timer);
    return timer;
  };
  readonly clearTimeoutFn = (timer: FakeTimer) => {
    clearTimeout(timer.handle);
    this.#timers.delete(timer);
  };
  readonly status = new AdaptiveStatus();
  readonly transport: Adaptive;
  readonly packets: EnginePacket[] = [];
  readonly ends: { event: "close" | "error"; detail: unknown }[] = [];
  drains = 0;
  /** Like the Engine's, it closes only what is open. */
  readonly close = () => {
    if (this.readyState === "opening" || this.readyState === "open") this.transport.close();
  };

  constructor(network: Network, options: AdaptiveOptions = {}) {
    const { openWebSocket } = network;
    const fetch = network.fetch as typeof globalThis.fetch;
    const address = { hostname: "server.test", port: "80", secure: false, path: "/socket.io/" };
    const query = { EIO: 4, transport: "adaptive" };
    this.transport = new Adaptive({ ...address, query, socket: this, status: this.status, remember: false, fetch, openWebSocket, ...options });
    this.transport
      .on("packet", (packet: EnginePacket) => this.packets.push(packet))
      .on("drain", () => (this.drains += 1))
      .on("close", (detail: unknown) => this.ends.push({ event: "close", detail }))
      .on("error", (detail: unknown) => this.ends.push({ event: "error", detail }));
    this.transport.open();
  }

  /** The timers run that should have run long ago. */
  wake(): void {
    const late = [...this.#timers].filter(({ at }) => at <= performance.now());
    late.sort((a, b) => a.at - b.at).forEach((timer) => this.#timers.has(timer) && timer.run());
  }

  get messages(): unknown[] {
    return this.packets.filter(({ type }) => type === "message").map(({ data }) => data);
  }

  send(...messages: unknown[]): void {
    this.transport.send(messages.map((data) => ({ type: "message", data, options: {} })));
  }
}
