// Sessions through a proxy that breaks their connections again and again: nothing lost, repeated or out of order.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openInChromium } from "../numbers/chromium.js";
import { openInNode } from "../numbers/node.js";
import { summary } from "../numbers/summary.js";
import { startFaultProxy } from "../support/faultProxy.js";
import { startServer } from "../support/server.js";

const COUNT = 10_000;
/** The opening is counted beside them. */
const SWITCHES = 50;
const CLIENTS = { "Node.js": openInNode, "Chromium, from script tags": openInChromium };

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
  before(async () => {
    server = await startServer("socket", ["--relaxed"]);
  });
  after(() => server.stop());

  for (const [name, open] of Object.entries(CLIENTS)) {
    test(`carries ${COUNT} numbers each way through ${SWITCHES} switches in ${name}`, { timeout: 280_000 }, async (t) => {
      const proxy = await startFaultProxy(server.url);
      t.after(() => proxy.stop());
      const client = await open(proxy.url);
      t.after(() => client.close());
      let switches = 0;
      for (let round = 0; switches <= SWITCHES; round += 1) switches = await disturb(proxy, client, round);
      const { sent, received, wrong, verdict, disconnects, ...switched } = await client.finish(COUNT);
      assert.deepEqual({ received, wrong, verdict, disconnects }, { received: sent, wrong: null, verdict: [sent, null], disconnects: [] });
      assert.ok(sent >= COUNT && switched.switchCount > SWITCHES);
      t.diagnostic(`${sent} numbers each way; ${summary(switched.switches)}`);
    });
  }
});

/** Breaks the network and mends it; gives how often the carrier has changed by then. */
async function disturb(proxy, client, round) {
  // A WebSocket that failed soon after its promotion is tried again later and later, unless the network has changed.
  await client.online();
  await client.reaches(["websocket"]);
  const { set, cut } = WEBSOCKET_FAULTS[round % WEBSOCKET_FAULTS.length];
  const upgrade = set.upgrade ?? { refuse: 503 };
  await proxy.tell({ set: { ...set, upgrade } });
  if (cut) await proxy.tell({ cut });
  await client.reaches(["long-poll", "periodic"]);
  if (round % 2 === 0) {
    await proxy.tell({ set: { upgrade, requests: POLLING_FAULTS[(round / 2) % POLLING_FAULTS.length] } });
    await client.reaches(["periodic"]);
  }
  await proxy.tell({ set: {} });
  await client.online();
  return client.reaches(["websocket"]);
}
