// A tab that the browser slows down or freezes in the middle of a session: nothing lost, repeated or out of order.
import assert from "node:assert/strict";
import { setTimeout as pass } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { openInTab } from "../numbers/tab.js";
import { summary } from "../numbers/summary.js";
import { startFaultProxy } from "../support/faultProxy.js";
import { startServer } from "../support/server.js";

const SOME = 200;
/** The server's heartbeat is half a second, so that it bears a silence of 2.9 s; a session outlives its carriers by a minute. */
const AWAY = 10_000;
/** Numbers that a tab sends in a second when its timers run that often, and some beside them. */
const SLOW = 8 * (AWAY / 1000) + SOME;
const ANY = ["websocket", "long-poll", "periodic"];

async function hide(tab) {
  await tab.hide();
  while ((await tab.visibility()) !== "hidden") await pass(50);
}

async function freeze(tab, meanwhile) {
  await hide(tab);
  await tab.freeze(true);
  const before = await tab.count();
  await pass(AWAY / 2);
  await meanwhile();
  await pass(AWAY / 2);
  assert.equal(await tab.count(), before, "nothing runs in it");
  await tab.freeze(false);
  await tab.show();
}

const CASES = {
  async "in the background, whose timers run once a second"(tab, proxy) {
    await hide(tab);
    const before = await tab.count();
    const switches = await tab.reaches(ANY);
    await pass(AWAY / 2);
    assert.equal(await tab.reaches(ANY), switches, "what is slow is not mute");
    await proxy.tell({ cut: "websocket" });
    await pass(AWAY / 2);
    const came = (await tab.count()) - before;
    assert.ok(came > 0 && came < SLOW, `${came} numbers came`);
    await tab.show();
  },
  "that is frozen for longer than the heartbeat allows": (tab) => freeze(tab, async () => {}),
  "that is frozen, and loses its connection": (tab, proxy) => freeze(tab, () => proxy.tell({ cut: "websocket" })),
};

describe("a tab in Chromium", () => {
  let server;
  before(async () => {
    server = await startServer("socket");
  });
  after(() => server.stop());

  for (const [name, disturb] of Object.entries(CASES)) {
    test(`${name} gets every number once`, { timeout: 120_000 }, async (t) => {
      const proxy = await startFaultProxy(server.url);
      t.after(() => proxy.stop());
      const tab = await openInTab(proxy.url);
      t.after(() => tab.close());
      await tab.reaches(["websocket"]);
      await tab.more(SOME);
      await disturb(tab, proxy);
      await tab.reaches(ANY);
      const { sent, received, wrong, verdict, disconnects, ...switched } = await tab.finish(10 * SOME);
      assert.deepEqual({ received, wrong, verdict, disconnects }, { received: sent, wrong: null, verdict: [sent, null], disconnects: [] });
      t.diagnostic(`${sent} numbers each way; ${summary(switched.switches)}`);
    });
  }
});
