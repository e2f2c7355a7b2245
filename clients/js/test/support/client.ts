import { Adaptive, AdaptiveStatus, type AdaptiveOptions } from "../../src/index.js";
import type { EnginePacket } from "../../src/packet.js";
import type { FakeNetwork } from "./network.js";

/** A transport with an Engine that writes down what it is told. */
export class FakeEngine {
  binaryType = "nodebuffer";
  readyState = "opening";
  readonly setTimeoutFn = (run: () => void, ms: number) => setTimeout(run, ms);
  readonly clearTimeoutFn = (timer: never) => clearTimeout(timer);
  readonly status = new AdaptiveStatus();
  readonly transport: Adaptive;
  readonly packets: EnginePacket[] = [];
  readonly ends: { event: "close" | "error"; detail: unknown }[] = [];
  drains = 0;
  readonly close = () => this.transport.close();

  constructor(network: FakeNetwork, options: AdaptiveOptions = {}) {
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

  get messages(): unknown[] {
    return this.packets.filter(({ type }) => type === "message").map(({ data }) => data);
  }

  send(...messages: unknown[]): void {
    this.transport.send(messages.map((data) => ({ type: "message", data, options: {} })));
  }
}
