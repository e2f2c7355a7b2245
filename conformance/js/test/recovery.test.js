// Connection state recovery, as the unmodified client sees it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WAYS, clientsOf, next } from "../support/clients.js";
import { startServer } from "../support/server.js";

const RECONNECTING = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 40 };

for (const [name, way] of Object.entries(WAYS)) {
  describe(`recovery over ${name}`, () => {
    let server;
    before(async () => (server = await startServer("client")));
    after(() => server.stop());

    test("a client that got no event yet keeps its id", async (t) => {
      const socket = clientsOf(t, server.url, way)("/", RECONNECTING);
      await next(socket, "connect");
      assert.equal(socket.recovered, false);
      const { id } = socket;
      socket.io.engine.close();
      await next(socket, "connect");
      assert.deepEqual([socket.recovered, socket.id], [true, id]);
    });

    test("a client keeps its id over and over, and gets its events once", async (t) => {
      const socket = clientsOf(t, server.url, way)("/", RECONNECTING);
      await next(socket, "connect");
      const { id } = socket;
      const seen = [];
      socket.on("hi", () => seen.push("hi"));
      for (let round = 1; round <= 3; round++) {
        const hi = next(socket, "hi");
        socket.emit("hi");
        await hi;
        socket.io.engine.close();
        await next(socket, "connect");
        assert.deepEqual([socket.recovered, socket.id], [true, id]);
        // What came before this answer has been seen.
        assert.equal(await socket.emitWithAck("getId"), id);
        assert.equal(seen.length, round);
      }
    });

    test("a client that comes with another server's session starts anew", async (t) => {
      const socket = clientsOf(t, server.url, way)("/", RECONNECTING);
      await next(socket, "connect");
      const { id } = socket;
      Object.assign(socket, { _pid: "of another server", _lastOffset: "1764155000000-0" });
      socket.io.engine.close();
      await next(socket, "connect");
      assert.equal(socket.recovered, false);
      assert.notEqual(socket.id, id);
      // Its new session is one that it can come back to.
      const { id: second } = socket;
      socket.io.engine.close();
      await next(socket, "connect");
      assert.deepEqual([socket.recovered, socket.id], [true, second]);
    });

    test("a client that left on purpose starts anew", async (t) => {
      const socket = clientsOf(t, server.url, way)("/", RECONNECTING);
      await next(socket, "connect");
      const { id } = socket;
      const observer = clientsOf(t, server.url, way)();
      socket.disconnect();
      // Its last words travel on a connection of their own, and whoever overtakes them has not left yet.
      while (await observer.emitWithAck("isHere", id));
      socket.connect();
      await next(socket, "connect");
      assert.equal(socket.recovered, false);
      assert.notEqual(socket.id, id);
    });
  });
}
