// Numbers each way through nginx, HAProxy and Squid: nothing lost, repeated or out of order.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openInChromium } from "../numbers/chromium.js";
import { openInNode } from "../numbers/node.js";
import { summary } from "../numbers/summary.js";
import { startRealProxy } from "../support/realProxy.js";
import { startServer } from "../support/server.js";

const COUNT = 10_000;
const ANY = ["websocket", "long-poll", "periodic"];
const short = ["--program", "nginx", "--timeout", "2"];

/**
 * `opens` are the tiers to begin with, and `idle` seconds without a number are in the middle. `switches` are the changes of the carrier that must have happened
 * beside the opening, and `cuts` is whether nginx has ended a connection that was silent.
 */
const CASES = [
  { name: "nginx without the headers of the upgrade, with buffering", options: ["--program", "nginx", "--no-upgrade"], cuts: false },
  { name: "the same that ends what is silent for 2 s", options: [...short, "--no-upgrade"], idle: 5, switches: 1, cuts: true },
  { name: "nginx that ends what is silent for 2 s", options: short, opens: ["websocket"], idle: 5, switches: 1, cuts: true },
  { name: "nginx that is reloaded", options: ["--program", "nginx"], reloads: 5, switches: 5 },
  { name: "HAProxy that ends tunnels that are silent for 1 s", options: ["--program", "haproxy", "--timeout", "1"], idle: 3, switches: 1 },
  { name: "Squid", options: ["--program", "squid"] },
];
/** The heartbeat is shorter than the 60 s of nginx's default, so that a WebSocket outlives them; a browser need not show it again. */
const LONG = { name: "nginx with its default, in which nothing passes for 65 s", options: ["--program", "nginx"], opens: ["websocket"], idle: 65, cuts: false };

/** Cases run beside each other, as each takes its time and none the processor; a browser does take it. */
const CLIENTS = [
  { where: "Node.js", open: openInNode, cases: [...CASES, LONG], concurrency: CASES.length + 1 },
  { where: "Chromium", open: openInChromium, cases: CASES, concurrency: 2 },
];

for (const { where, open, cases, concurrency } of CLIENTS) {
  describe(`numbers through a proxy, in ${where}`, { concurrency }, () => {
    let server;
    before(async () => {
      server = await startServer("socket", ["--relaxed"]);
    });
    after(() => server.stop());

    for (const { name, options, opens = ANY, idle = 0, reloads = 0, switches = 0, cuts } of cases) {
      test(`all of ${COUNT} each way come once through ${name}`, { timeout: 150_000 }, async (t) => {
        const proxy = await startRealProxy(server.url, options);
        t.after(() => proxy.stop());
        const client = await open(proxy.url);
        t.after(() => client.close());
        let changes = await client.reaches(opens);
        for (let round = 0; round < reloads; round += 1) {
          await client.reaches(["websocket"]);
          proxy.reload();
          changes = await client.reaches(ANY, changes + 1);
          await client.online();
        }
        if (idle > 0) await client.silence(idle * 1000);
        if (cuts !== undefined) assert.equal((await proxy.cuts()) > 0, cuts);
        if (idle > 0 && cuts === false) assert.equal(await client.reaches(ANY), changes);
        const { sent, received, wrong, verdict, disconnects, ...switched } = await client.finish(COUNT);
        assert.deepEqual({ received, wrong, verdict, disconnects }, { received: sent, wrong: null, verdict: [sent, null], disconnects: [] });
        assert.ok(sent >= COUNT && switched.switchCount > switches, `${switched.switchCount} switches`);
        t.diagnostic(`${sent} numbers each way; ${summary(switched.switches)}`);
      });
    }
  });
}
