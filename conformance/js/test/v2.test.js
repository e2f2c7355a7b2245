// The unmodified client of Socket.IO 2, which speaks revision 3 of Engine.IO.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import io from "socket.io-client-v2";
import { JSON_WAYS, next, nextMany, upgraded } from "../support/clients.js";
import { startServer } from "../support/server.js";

for (const [name, way] of Object.entries(JSON_WAYS)) {
  describe(`Socket.IO 2 over ${name}`, () => {
    let server;
    before(async () => (server = await startServer("socket", ["--relaxed", "--allow-eio3"])));
    after(() => server.stop());

    function open(t, namespace = "/", options = {}) {
      const socket = io(server.url + namespace, { ...way, forceNew: true, reconnection: false, ...options });
      t.after(() => socket.close());
      return socket;
    }

    test("it is in the root namespace without asking", async (t) => {
      const socket = open(t);
      const [[auth]] = await Promise.all([next(socket, "auth"), next(socket, "connect")]);
      assert.deepEqual(auth, {});
      assert.equal(socket.connected, true);
    });

    test("values of every kind come back", async (t) => {
      const socket = open(t);
      await next(socket, "connect");
      if (way.transports.length > 1) await upgraded(socket);
      const values = [1, "zwei €😀", { three: [null, true] }, Buffer.from([1, 2, 255]), { deep: [Buffer.alloc(70_000, 7)] }];
      for (const value of values) {
        const back = next(socket, "message-back");
        socket.emit("message", value);
        assert.deepEqual((await back)[0], value);
      }
    });

    test("acknowledgements go both ways", async (t) => {
      const socket = open(t);
      const answer = await new Promise((resolve) => socket.emit("message-with-ack", 1, Buffer.from([2]), (...args) => resolve(args)));
      assert.deepEqual(answer, [1, Buffer.from([2])]);
      socket.on("question", (question, ack) => ack(`${question}!`));
      const answered = next(socket, "answered");
      socket.emit("ask", "really");
      assert.deepEqual(await answered, ["really!"]);
    });

    test("a thousand messages arrive in order", async (t) => {
      const socket = open(t);
      await next(socket, "connect");
      const numbers = Array.from({ length: 1_000 }, (_, index) => index);
      const echoes = nextMany(socket, "message-back", numbers.length);
      for (const number of numbers) {
        socket.emit("message", number);
        if (number % 20 === 19) await new Promise(setImmediate);
      }
      assert.deepEqual(await echoes, numbers);
    });

    test("credentials stand in the query of a namespace", async (t) => {
      const socket = open(t, "/refused?token=right");
      assert.deepEqual((await next(socket, "auth"))[0], { token: "right" });
    });

    test("a refusal is the data of the error, and an unknown namespace a message", async (t) => {
      assert.deepEqual(await next(open(t, "/refused"), "error"), [{ code: "wrong_token" }]);
      assert.deepEqual(await next(open(t, "/nowhere"), "error"), ["Invalid namespace"]);
    });

    test("the connection outlives several of the client's own heartbeats", async (t) => {
      const socket = open(t);
      await next(socket, "connect");
      await nextMany(socket, "pong", 3);
      assert.equal(socket.connected, true);
    });

    test("the server disconnects it", async (t) => {
      for (const close of [false, true]) {
        const socket = open(t);
        await next(socket, "connect");
        const gone = next(socket, "disconnect");
        socket.emit("disconnect-me", close);
        assert.equal((await gone)[0], "io server disconnect");
      }
    });

    test("clients of both versions share a room", async (t) => {
      const { io: connect } = await import("socket.io-client");
      const modern = connect(server.url, { ...way, forceNew: true });
      t.after(() => modern.disconnect());
      const sockets = [open(t), modern];
      const joined = sockets.map((socket) => new Promise((resolve) => socket.emit("join", "shared", resolve)));
      await Promise.all(joined);
      for (const [event, value] of [["to-rooms", "text"], ["to-rooms-binary", Buffer.from([1, 2])]]) {
        const rooms = sockets.map((socket) => next(socket, "room"));
        sockets[0].emit(event, ["shared"], value);
        assert.deepEqual(await Promise.all(rooms), [[value], [value]]);
      }
    });
  });
}

test("clients of Socket.IO 2 are refused where that is not switched on", async (t) => {
  const server = await startServer("socket", ["--relaxed"]);
  t.after(() => server.stop());
  for (const way of Object.values(JSON_WAYS)) {
    const socket = io(server.url, { ...way, forceNew: true, reconnection: false });
    const [error] = await next(socket, "connect_error");
    assert.ok(error instanceof Error);
    socket.close();
  }
});
