// Namespaces, rooms and the ways in which a connection ends.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WAYS, clientsOf, next } from "../support/clients.js";
import { startServer } from "../support/server.js";

for (const [name, way] of Object.entries(WAYS)) {
  describe(`namespaces over ${name}`, () => {
    let server;
    before(async () => (server = await startServer("socket", ["--relaxed"])));
    after(() => server.stop());

    test("the server sees what the client sent to authenticate itself", async (t) => {
      const socket = clientsOf(t, server.url, way)("/", { auth: { token: "123" } });
      assert.deepEqual(await next(socket, "auth"), [{ token: "123" }]);
    });

    test("a second namespace on the same connection is a socket of its own", async (t) => {
      const root = clientsOf(t, server.url, way)();
      const custom = root.io.socket("/custom", { auth: { token: "abc" } });
      assert.deepEqual(await next(custom, "auth"), [{ token: "abc" }]);
      assert.notEqual(root.id, custom.id);
      custom.emit("message", "custom");
      assert.deepEqual(await next(custom, "message-back"), ["custom"]);
      custom.disconnect();
      assert.equal(await root.emitWithAck("message-with-ack", "root"), "root");
    });

    test("the public id is not the secret of the session", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      await next(socket, "connect");
      assert.equal(typeof socket.id, "string");
      assert.notEqual(socket.id, socket.io.engine.id);
    });

    test("an unknown namespace is refused", async (t) => {
      const socket = clientsOf(t, server.url, way)("/random");
      const [error] = await next(socket, "connect_error");
      assert.equal(error.message, "Invalid namespace");
      assert.equal(socket.connected, false);
    });

    test("middleware refuses with a message and data", async (t) => {
      const socket = clientsOf(t, server.url, way)("/refused", { auth: { token: "wrong" } });
      const [error] = await next(socket, "connect_error");
      assert.equal(error.message, "not authorised");
      assert.deepEqual(error.data, { code: "wrong_token" });
    });

    test("a room's members get what is sent to it, once, and others do not", async (t) => {
      const open = clientsOf(t, server.url, way);
      const [ann, bob, eve] = [open(), open(), open()];
      await Promise.all([ann.emitWithAck("join", "red"), bob.emitWithAck("join", "red"), eve.emitWithAck("join", "blue")]);
      await ann.emitWithAck("join", "blue");
      const seen = { ann: [], bob: [], eve: [] };
      for (const [who, socket] of Object.entries({ ann, bob, eve })) {
        socket.on("room", (value) => seen[who].push(value));
      }
      eve.emit("to-rooms", ["red"], 1);
      eve.emit("to-rooms-binary", ["red", "blue"], Buffer.from("two"));
      // The sender first: what another connection is answered says nothing of what this one still has under way.
      await drained(eve);
      await Promise.all([ann, bob].map(drained));
      await bob.emitWithAck("leave", "red");
      eve.emit("to-rooms", ["red"], 3);
      await drained(eve);
      await Promise.all([ann, bob].map(drained));
      assert.deepEqual(seen, { ann: [1, Buffer.from("two"), 3], bob: [1, Buffer.from("two")], eve: [Buffer.from("two")] });
    });

    test("the client leaves", async (t) => {
      const open = clientsOf(t, server.url, way);
      const [observer, leaver] = [open(), open()];
      await Promise.all([observer.emitWithAck("join", "observers"), next(leaver, "connect")]);
      const id = leaver.id;
      leaver.disconnect();
      assert.deepEqual(await goneFrom(observer, id), "client namespace disconnect");
    });

    test("the client's connection ends", async (t) => {
      const open = clientsOf(t, server.url, way);
      const [observer, leaver] = [open(), open()];
      await Promise.all([observer.emitWithAck("join", "observers"), next(leaver, "connect")]);
      const id = leaver.id;
      leaver.io.engine.close();
      assert.deepEqual(await goneFrom(observer, id), "transport close");
    });

    test("the server ends a namespace and leaves the connection open", async (t) => {
      const root = clientsOf(t, server.url, way)();
      const custom = root.io.socket("/custom");
      await Promise.all([next(root, "connect"), next(custom, "connect")]);
      custom.emit("disconnect-me", false);
      assert.deepEqual((await next(custom, "disconnect"))[0], "io server disconnect");
      assert.equal(await root.emitWithAck("message-with-ack", "open"), "open");
    });

    test("the server ends the connection", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      socket.emit("disconnect-me", true);
      assert.deepEqual((await next(socket, "disconnect"))[0], "io server disconnect");
    });
  });
}

/** Answered only after everything that the server had sent to this socket before. */
function drained(socket) {
  return socket.emitWithAck("message-with-ack", "drained");
}

/** The reason that the server gives for the end of the socket with this id. */
function goneFrom(observer, id) {
  return new Promise((resolve) => {
    observer.on("gone", (gone, reason) => {
      if (gone === id) {
        resolve(reason);
      }
    });
  });
}
