// The built package against our server: numbers each way while the session changes its carrier.
import "./version.js";
import assert from "node:assert/strict";
import { io } from "socket.io-client";
import { Adaptive } from "socketio-adaptive";
import { exchange } from "../js/numbers/exchange.js";
import { startFaultProxy } from "../js/support/faultProxy.js";
import { startServer } from "../js/support/server.js";

const COUNT = 3000;

/** What a browser would say of the network; Node.js says nothing. */
const network = new EventTarget();
globalThis.addEventListener = network.addEventListener.bind(network);
globalThis.removeEventListener = network.removeEventListener.bind(network);

const server = await startServer("socket", ["--relaxed"]);
const proxy = await startFaultProxy(server.url);
const client = exchange({ io, Adaptive }, proxy.url);
await client.reaches(["websocket"]);
await proxy.tell({ set: { upgrade: { refuse: 403 } } });
await proxy.tell({ cut: "websocket" });
await client.reaches(["long-poll"]);
await proxy.tell({ set: {} });
network.dispatchEvent(new Event("online"));
await client.reaches(["websocket"]);
const { sent, received, wrong, verdict, disconnects, switchCount } = await client.finish(COUNT);
assert.deepEqual({ received, wrong, verdict, disconnects }, { received: sent, wrong: null, verdict: [sent, null], disconnects: [] });
assert.ok(sent >= COUNT);
console.log(`Node.js ${process.version}: ${sent} numbers each way, ${switchCount} changes of the carrier`);
await proxy.stop();
await server.stop();
process.exit(0);
