// The Engine.IO echo server, with the short heartbeat of the official suite, and engine.io-client.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Socket } from "engine.io-client";
import { next, nextMany } from "../support/clients.js";
import { startServer } from "../support/server.js";

const WAYS = { websocket: ["websocket"], polling: ["polling"], "polling, then websocket": ["polling", "websocket"] };

for (const [name, transports] of Object.entries(WAYS)) {
  describe(`engine.io over ${name}`, () => {
    let server;
    before(async () => (server = await startServer("engine")));
    after(() => server.stop());

    function open(t) {
      const socket = new Socket(server.url, { transports });
      t.after(() => socket.close());
      return socket;
    }

    test("the handshake states the server's parameters", async (t) => {
      const socket = open(t);
      const [handshake] = await next(socket, "handshake");
      assert.equal(handshake.pingInterval, 300);
      assert.equal(handshake.pingTimeout, 200);
      assert.equal(handshake.maxPayload, 1_000_000);
      assert.deepEqual(handshake.upgrades, transports[0] === "websocket" ? [] : ["websocket"]);
    });

    test("text and binary come back in order", async (t) => {
      const socket = open(t);
      const sent = ["a", Buffer.from([0, 1, 254]), "héllo 😀", Buffer.alloc(0)];
      const echoes = nextMany(socket, "message", sent.length);
      await next(socket, "open");
      sent.forEach((message) => socket.send(message));
      assert.deepEqual(await echoes, sent);
    });

    test("the connection outlives several heartbeats", async (t) => {
      const socket = open(t);
      await nextMany(socket, "ping", 4);
      assert.equal(socket.readyState, "open");
    });

    test("the client closes", async (t) => {
      const socket = open(t);
      await next(socket, "open");
      const closed = next(socket, "close");
      socket.close();
      assert.equal((await closed)[0], "forced close");
    });
  });
}
