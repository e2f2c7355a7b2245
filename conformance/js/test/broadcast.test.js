// The server that the load generator measures does what it promises.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WAYS, clientsOf, next, nextMany } from "../support/clients.js";
import { startServer } from "../support/server.js";

describe("the broadcast server", () => {
  let server;
  before(async () => (server = await startServer("bench")));
  after(() => server.stop());

  test("every client on every transport gets every broadcast in order", async (t) => {
    const ways = Object.values(WAYS);
    const sockets = Array.from({ length: 30 }, (_, index) => clientsOf(t, server.url, ways[index % ways.length])());
    await Promise.all(sockets.map((socket) => next(socket, "connect")));
    const received = sockets.map((socket) => nextMany(socket, "msg", 300));
    const sent = Array.from({ length: 300 }, (_, index) => ({ index, text: "é".repeat(index) }));
    sent.forEach((value) => sockets[0].emit("broadcast", value));
    for (const messages of await Promise.all(received)) {
      assert.deepEqual(messages, sent);
    }
  });

  test("echo acknowledges with its argument", async (t) => {
    const socket = clientsOf(t, server.url, WAYS.websocket)();
    assert.deepEqual(await socket.emitWithAck("echo", { x: [1, "2"] }), { x: [1, "2"] });
  });
});
