// A session behind a proxy that refuses WebSockets and allows one connection: it settles on what works there.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openInChromium } from "../numbers/chromium.js";
import { openInNode } from "../numbers/node.js";
import { summary } from "../numbers/summary.js";
import { startFaultProxy } from "../support/faultProxy.js";
import { startServer } from "../support/server.js";

/** Within this time each tier is tried, and fails. */
const FIRST = 1500;
/** And in this one nothing is, because trials become rarer. */
const THEN = 4000;

describe("a session that has one connection", () => {
  let server;
  before(async () => {
    server = await startServer("socket", ["--relaxed"]);
  });
  after(() => server.stop());

  for (const [where, open] of Object.entries({ "Node.js": openInNode, Chromium: openInChromium })) {
    test(`settles on periodic requests in ${where}`, { timeout: 120_000 }, async (t) => {
      const proxy = await startFaultProxy(server.url);
      t.after(() => proxy.stop());
      await proxy.tell({ set: { upgrade: { refuse: 403 }, connectionLimit: 1 } });
      const client = await open(proxy.url);
      t.after(() => client.close());
      await client.more(FIRST);
      const switches = await client.reaches(["periodic"]);
      await client.more(THEN);
      assert.equal(await client.reaches(["periodic"]), switches);
      assert.ok((await proxy.stats()).rejected > 0);
      const { sent, received, wrong, verdict, disconnects, ...switched } = await client.finish(FIRST + THEN);
      assert.deepEqual({ received, wrong, verdict, disconnects }, { received: sent, wrong: null, verdict: [sent, null], disconnects: [] });
      t.diagnostic(`${sent} numbers each way; ${summary(switched.switches)}`);
    });
  }
});
