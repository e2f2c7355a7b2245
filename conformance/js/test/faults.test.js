// One session through every fault that the proxy knows, each by itself: nothing lost, repeated or out of order.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openInChromium } from "../numbers/chromium.js";
import { openInNode } from "../numbers/node.js";
import { summary } from "../numbers/summary.js";
import { startFaultProxy } from "../support/faultProxy.js";
import { startServer } from "../support/server.js";

/** Numbers that must come while a fault lasts. */
const SOME = 200;
const CLIENTS = { "Node.js": openInNode, Chromium: openInChromium };
const [discard, stall] = ["discard", "stall"];
const still = { up: stall, down: stall };

/**
 * `requests` are broken while there are no WebSockets, `websocket` is what happens to the one that there is.
 *
 * `counted` is what the proxy counts of it, and `least` how often it must have happened; `until` are the tiers that show
 * that it has happened, where the proxy counts nothing.
 */
const FAULTS = [
  { name: "responses that are late", requests: { hold: 300 }, counted: "held", least: 10 },
  { name: "responses to long-polls that come too late", requests: { only: "long-poll", hold: 8000 }, until: ["periodic"] },
  { name: "responses that are lost", requests: { lose: 0.3 }, counted: "lost", least: 5 },
  { name: "bodies that are cut short", requests: { truncate: 0.3 }, counted: "truncated", least: 5 },
  { name: "bodies that are broken off", requests: { breakOff: 0.3 }, counted: "brokenOff", least: 5 },
  { name: "requests that come twice and overtake each other", requests: { duplicate: 0.5, reorder: 30 }, counted: "duplicated", least: 10 },
  { name: "pages of status 407", requests: { page: 0.3, status: 407 }, counted: "pages", least: 5 },
  { name: "pages of status 503", requests: { page: 0.3, status: 503 }, counted: "pages", least: 5 },
  { name: "a WebSocket that takes nothing from the client", websocket: { up: discard } },
  { name: "a WebSocket that brings nothing to the client", websocket: { down: discard } },
  { name: "a WebSocket whose bytes to the server wait until it is given up", websocket: { up: stall } },
  { name: "a WebSocket whose bytes wait until it is given up", websocket: still },
  { name: "a network that stands still", websocket: still, http: still, until: [null] },
  { name: "requests that never arrive", requests: {}, http: { up: discard }, until: [null] },
  { name: "WebSockets that are closed when they are idle", websocket: { idle: 500 }, silent: true, counted: "idled", least: 1 },
  { name: "polls that are closed when they are idle", requests: {}, http: { idle: 500 }, silent: true, counted: "idled", least: 1 },
  { name: "two connections at a time", requests: {}, connectionLimit: 2, counted: "rejected", least: 1 },
];

describe("a session through one fault after the other", () => {
  let server;
  before(async () => {
    server = await startServer("socket", ["--relaxed"]);
  });
  after(() => server.stop());

  for (const [where, open] of Object.entries(CLIENTS)) {
    test(`carries numbers both ways in ${where}`, { timeout: 280_000 }, async (t) => {
      const proxy = await startFaultProxy(server.url);
      t.after(() => proxy.stop());
      const client = await open(proxy.url);
      t.after(() => client.close());
      for (const { name, ...fault } of FAULTS) await t.test(name, () => suffer(proxy, client, fault));
      const { sent, received, wrong, verdict, disconnects, ...switched } = await client.finish(FAULTS.length * SOME);
      assert.deepEqual({ received, wrong, verdict, disconnects }, { received: sent, wrong: null, verdict: [sent, null], disconnects: [] });
      t.diagnostic(`${sent} numbers each way; ${summary(switched.switches)}`);
    });
  }
});

/** Breaks the network until that has been felt, and mends it. */
async function suffer(proxy, client, { counted, least, until, silent, ...faults }) {
  const { requests } = faults;
  await client.online();
  const before = await client.reaches(["websocket"]);
  const felt = (await proxy.stats())[counted];
  await proxy.tell({ set: { upgrade: { refuse: 403 }, ...faults } });
  if (requests) {
    await proxy.tell({ cut: "websocket" });
    if (!until) await client.reaches(["long-poll", "periodic"], before + 1);
  }
  if (silent) await client.silence(2000);
  if (until) await client.reaches(until);
  while (counted && (await proxy.stats())[counted] < felt + least) await client.more(1);
  if (!until?.includes(null)) {
    await client.reaches(["long-poll", "periodic"], before + 1);
    await client.more(SOME);
  }
  await proxy.tell({ set: {} });
}
