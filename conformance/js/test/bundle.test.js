// The JavaScript client as a page gets it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { WebSocket as NodeWebSocket } from "ws";
import { startServer } from "../support/server.js";

const PACKAGE = new URL("../node_modules/socket.io/", import.meta.url);
const NAMES = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];

describe("the client bundle", () => {
  let server;
  before(async () => (server = await startServer("socket")));
  after(() => server.stop());

  for (const name of [...NAMES, ...NAMES.map((name) => `${name}.map`)]) {
    test(`${name} is the file of the package`, async () => {
      const response = await fetch(`${server.url}/socket.io/${name}`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-encoding"), "gzip");
      const expected = await readFile(new URL(`client-dist/${name}`, PACKAGE), "utf8");
      assert.equal(await response.text(), expected);
      const { version } = JSON.parse(await readFile(new URL("package.json", PACKAGE), "utf8"));
      assert.equal(response.headers.get("etag"), `"${version}"`);
    });
  }

  test("a copy that is current is not sent again", async () => {
    const first = await fetch(`${server.url}/socket.io/socket.io.min.js`);
    const headers = { "if-none-match": first.headers.get("etag") };
    assert.equal((await fetch(`${server.url}/socket.io/socket.io.min.js`, { headers })).status, 304);
  });

  test("the module that is served connects", async (t) => {
    // The browser's; Node.js has one from version 22 on.
    globalThis.WebSocket ??= NodeWebSocket;
    const code = await (await fetch(`${server.url}/socket.io/socket.io.esm.min.js`)).text();
    const { io } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    const socket = io(server.url, { transports: ["websocket"] });
    t.after(() => socket.disconnect());
    assert.equal(await socket.emitWithAck("message-with-ack", 1), 1);
  });
});
