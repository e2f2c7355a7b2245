// Numbers each way through nginx, HAProxy and Squid: nothing lost, repeated or out of order.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openInChromium } from "../numbers/chromium.js";
import { openInNode } from "../numbers/node.js";
import { summary } from "../numbers/summary.js";
import { startRealProxy } from "../support/realProxy.js";
import { startServer } from "../support/server.js";

const COUNT = 10_000;
/** How long nginx waits in its default, in seconds. */
const LONG = 60;
const ANY = ["websocket", "long-poll", "periodic"];
const short = ["--program", "nginx", "--timeout", "2"];

const CASES = [
  { name: "nginx without the headers of the upgrade, with buffering", options: ["--program", "nginx", "--no-upgrade"] },
  { name: "the same that ends what is silent for 2 s", options: [...short, "--no-upgrade"], idle: 5 },
  { name: "nginx that ends what is silent for 2 s", options: short, idle: 5, switches: 1 },
  { name: "nginx that is reloaded", options: ["--program", "nginx"], reloads: 5, switches: 5 },
  { name: "HAProxy that ends tunnels that are silent for 1 s", options: ["--program", "haproxy", "--timeout", "1"], idle: 3, switches: 1 },
  { name: "Squid", options: ["--program", "squid"] },
];
if (process.env.CONFORMANCE_SLOW) {
  CASES.push({ name: `nginx that ends what is silent for ${LONG} s`, options: ["--program", "nginx"], idle: LONG + 5 });
}

/** Cases run beside each other, as each takes its time and none the processor; a browser does take it. */
const CLIENTS = [
  { where: "Node.js", open: openInNode, concurrency: CASES.length },
  { where: "Chromium", open: openInChromium, concurrency: 2 },
];

for (const { where, open, concurrency } of CLIENTS) {
  describe(`numbers through a proxy, in ${where}`, { concurrency }, () => {
    let server;
    before(async () => {
      server = await startServer("socket", ["--relaxed"]);
    });
    after(() => server.stop());

    for (const { name, options, idle = 0, reloads = 0, switches = 0 } of CASES) {
      test(`all of ${COUNT} each way come once through ${name}`, { timeout: 150_000 }, async (t) => {
        const proxy = await startRealProxy(server.url, options);
        t.after(() => proxy.stop());
        const client = await open(proxy.url);
        t.after(() => client.close());
        let changes = await client.reaches(ANY);
        for (let round = 0; round < reloads; round += 1) {
          await client.reaches(["websocket"]);
          proxy.reload();
          changes = await client.reaches(ANY, changes + 1);
          await client.online();
        }
        if (idle > 0) await client.silence(idle * 1000);
        const { sent, received, wrong, verdict, disconnects, ...switched } = await client.finish(COUNT);
        assert.deepEqual({ received, wrong, verdict, disconnects }, { received: sent, wrong: null, verdict: [sent, null], disconnects: [] });
        assert.ok(sent >= COUNT && switched.switchCount > switches, `${switched.switchCount} switches`);
        t.diagnostic(`${sent} numbers each way; ${summary(switched.switches)}`);
      });
    }
  });
}
