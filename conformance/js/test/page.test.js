// What a browser does to a page in the middle of a session: nothing lost, repeated or out of order.
import assert from "node:assert/strict";
import { setTimeout as pass } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { openInChromium } from "../numbers/chromium.js";
import { summary } from "../numbers/summary.js";
import { startFaultProxy } from "../support/faultProxy.js";
import { startServer } from "../support/server.js";

const COUNT = 2000;
const SOME = 200;
/** Longer than a mute connection is borne while events are expected, and shorter than a session outlives its carriers. */
const AWAY = 10_000;

const CASES = {
  async "that goes offline and comes back"(client, proxy) {
    await client.offline(true);
    // The browser may leave a WebSocket that is open already as it is; a network that is gone does not.
    await proxy.tell({ cut: "websocket" });
    await client.reaches([null]);
    const before = await client.count();
    await pass(AWAY);
    assert.equal(await client.count(), before, "it is offline");
    await client.offline(false);
  },
  async "whose processor is slow"(client, proxy) {
    await client.ask("Emulation.setCPUThrottlingRate", { rate: 10 });
    for (let round = 0; round < 3; round += 1) {
      const before = await client.reaches(["websocket"]);
      await proxy.tell({ cut: "websocket" });
      await client.reaches(["websocket", "long-poll", "periodic"], before + 1);
      await client.more(SOME);
      await client.online();
    }
    await client.ask("Emulation.setCPUThrottlingRate", { rate: 1 });
  },
};

describe("a page in Chromium", () => {
  let server;
  before(async () => {
    server = await startServer("socket", ["--relaxed"]);
  });
  after(() => server.stop());

  for (const [name, disturb] of Object.entries(CASES)) {
    test(`${name} gets every number once`, { timeout: 120_000 }, async (t) => {
      const proxy = await startFaultProxy(server.url);
      t.after(() => proxy.stop());
      const client = await openInChromium(proxy.url);
      t.after(() => client.close());
      await client.reaches(["websocket"]);
      await client.more(SOME);
      await disturb(client, proxy);
      await client.online();
      await client.reaches(["websocket"]);
      const { sent, received, wrong, verdict, disconnects, ...switched } = await client.finish(COUNT);
      assert.deepEqual({ received, wrong, verdict, disconnects }, { received: sent, wrong: null, verdict: [sent, null], disconnects: [] });
      t.diagnostic(`${sent} numbers each way; ${summary(switched.switches)}`);
    });
  }
});
