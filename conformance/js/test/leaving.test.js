// Pages that a user leaves: what they said last arrives, and their session is over at once.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { WAYS, clientsOf, next } from "../support/clients.js";
import { startServer } from "../support/server.js";

const transport = fileURLToPath(import.meta.resolve("socketio-adaptive/umd"));
const client = fileURLToPath(new URL("../../dist/socket.io.min.js", import.meta.resolve("socket.io-client")));

describe("a page in Chromium that a user leaves", () => {
  let server;
  let browser;
  before(async () => {
    server = await startServer("bench");
    const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
  });
  after(async () => {
    await browser?.close();
    await server.stop();
  });

  for (const tier of ["websocket", "long-poll", "periodic"]) {
    test(`says its last words on ${tier}`, { timeout: 60_000 }, async (t) => {
      const observer = clientsOf(t, server.url, WAYS.websocket)();
      await next(observer, "connect");
      const page = await browser.newPage();
      t.after(() => page.close());
      // A page that did not come from the server itself might not reach it, as browsers protect local addresses.
      await page.goto(`${server.url}/socket.io/?EIO=4&transport=polling`);
      await page.setContent("<!doctype html>");
      for (const path of [client, transport]) await page.addScriptTag({ path });
      await page.evaluate(async (tier) => {
        const socket = io(location.origin, { transports: [Adaptive], transportOptions: { adaptive: { tiers: [tier], remember: false } } });
        await new Promise((resolve) => socket.on("connect", resolve));
        globalThis.leave = (words) => {
          socket.emit("broadcast", words);
          location.href = "about:blank";
        };
      }, tier);
      // Nothing that the page says comes before this, and an abandoned request would come never.
      const words = "last words ".repeat(2_000);
      const heard = next(observer, "msg");
      await page.evaluate((words) => globalThis.leave(words), words);
      assert.deepEqual(await heard, [words]);
      // A page that is closed in the middle of its navigation may never report that it is closed.
      await page.waitForURL("about:blank");
    });
  }
});
