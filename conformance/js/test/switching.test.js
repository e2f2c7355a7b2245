// One session through a proxy that breaks its connections again and again: nothing lost, repeated or out of order.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { io } from "socket.io-client";
import { Adaptive } from "socketio-adaptive";
import { next } from "../support/clients.js";
import { startFaultProxy } from "../support/faultProxy.js";
import { startServer } from "../support/server.js";

/** What a browser would say of the network; Node.js says nothing. */
const network = new EventTarget();
globalThis.addEventListener = network.addEventListener.bind(network);
globalThis.removeEventListener = network.removeEventListener.bind(network);

const COUNT = 10_000;
const SWITCHES = 50;
/** The server sends this many numbers for a request. */
const BURST = 20;
const EVERYTHING = Array.from({ length: COUNT }, (_, number) => number);

/** What happens to a WebSocket, one after the other. */
const WEBSOCKET_FAULTS = [
  { set: {}, cut: "websocket" },
  { set: { upgrade: { refuse: 403 } }, cut: "websocket" },
  { set: { upgrade: "mute" }, cut: "websocket" },
  { set: { upgrade: "strip", requests: { duplicate: 0.5, reorder: 20 } }, cut: "websocket" },
  { set: { upgrade: "dropFirst" }, cut: "websocket" },
  { set: { websocket: { down: "discard" } } },
];

/** What happens to long-polling while there is no WebSocket. */
const POLLING_FAULTS = [
  { only: "long-poll", page: 1, status: 502 },
  { only: "long-poll", lose: 1 },
  { only: "long-poll", truncate: 1 },
];

describe("a session that changes its carrier", () => {
  let server;
  let proxy;
  before(async () => {
    server = await startServer("socket", ["--relaxed"]);
    proxy = await startFaultProxy(server.url);
  });
  after(async () => {
    await proxy.stop();
    await server.stop();
  });

  test(`carries ${COUNT} numbers each way through ${SWITCHES} switches`, { timeout: 280_000 }, async (t) => {
    const socket = io(proxy.url, { transports: [Adaptive], forceNew: true, transportOptions: { adaptive: { remember: false } } });
    t.after(() => socket.disconnect());
    const status = Adaptive.of(socket);
    status.expectEvents(true);
    const [ticks, echoes, disconnects] = [[], [], []];
    socket.on("tick", (number) => ticks.push(number));
    socket.on("message-back", (number) => echoes.push(number));
    socket.on("disconnect", (...reason) => disconnects.push(reason));
    await next(socket, "connect");

    const reaches = (wanted) =>
      new Promise((resolve) => {
        const look = () => wanted(status.tier) && (forget(), resolve());
        const forget = status.on("change", look);
        look();
      });
    let sent = 0;
    const talk = (until) => {
      for (; sent < Math.min(until, COUNT); sent += 1) {
        socket.emit("message", sent);
        if (sent % BURST === 0) socket.emit("burst", sent, BURST);
      }
    };
    for (let round = 0; status.snapshot.switchCount <= SWITCHES; round += 1) {
      const { set, cut } = WEBSOCKET_FAULTS[round % WEBSOCKET_FAULTS.length];
      const upgrade = set.upgrade ?? { refuse: 503 };
      await proxy.tell({ set: { ...set, upgrade } });
      if (cut) await proxy.tell({ cut });
      // Numbers are under way before, during and after each switch.
      const share = (steps) => talk(Math.ceil((COUNT * (status.snapshot.switchCount + steps)) / (SWITCHES + 3)));
      share(1);
      await reaches((tier) => tier === "long-poll" || tier === "periodic");
      if (round % 2 === 0) {
        await proxy.tell({ set: { upgrade, requests: POLLING_FAULTS[(round / 2) % POLLING_FAULTS.length] } });
        share(1);
        await reaches((tier) => tier === "periodic");
      }
      share(1);
      await proxy.tell({ set: {} });
      // Else a WebSocket that has failed so soon after the last time is tried later and later.
      network.dispatchEvent(new Event("online"));
      await reaches((tier) => tier === "websocket");
    }
    talk(COUNT);
    while (ticks.length < COUNT || echoes.length < COUNT) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(echoes, EVERYTHING);
    assert.deepEqual(ticks, EVERYTHING);
    assert.deepEqual(disconnects, []);
    const gaps = status.switches.map(({ from, to, cause, gap }) => `${from} to ${to}: ${cause}, ${gap} ms`);
    t.diagnostic(`${status.snapshot.switchCount} switches; the last: ${gaps.join("; ")}`);
  });
});
