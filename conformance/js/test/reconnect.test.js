// A server that ends and comes back at the same address.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WAYS, clientsOf, next } from "../support/clients.js";
import { startServer } from "../support/server.js";

for (const [name, way] of Object.entries(WAYS)) {
  describe(`reconnection over ${name}`, () => {
    test("a client finds a server that was restarted", async (t) => {
      const first = await startServer("socket", ["--relaxed"]);
      const socket = clientsOf(t, first.url, way)("/", { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 50 });
      await next(socket, "connect");
      const oldId = socket.id;
      const gone = next(socket, "disconnect");
      await first.stop();
      const back = next(socket, "connect");
      const second = await startServer("socket", ["--relaxed"], new URL(first.url).port);
      t.after(() => second.stop());
      // The adaptive transport does not give up a session before it knows that the server has none.
      assert.match((await gone)[0], /^transport (close|error)$/);
      await back;
      assert.notEqual(socket.id, oldId);
      assert.equal(await socket.emitWithAck("message-with-ack", "back"), "back");
    });
  });
}
