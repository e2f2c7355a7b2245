// Events, acknowledgements and payloads over every way to the server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WAYS, clientsOf, next } from "../support/clients.js";
import { startServer } from "../support/server.js";

const UNICODE = "Grüße, 你好, мир, 😀👩‍👩‍👧, e\u0301, \u2028, \u0000, \ud7ff, \uffff, \u{10ffff}";

for (const [name, way] of Object.entries(WAYS)) {
  describe(`events over ${name}`, () => {
    let server;
    before(async () => (server = await startServer("socket", ["--relaxed"])));
    after(() => server.stop());

    test("an event comes back with its arguments", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      socket.emit("message", 1, "2", { 3: [true, null, -0.5] }, []);
      assert.deepEqual(await next(socket, "message-back"), [1, "2", { 3: [true, null, -0.5] }, []]);
    });

    test("an event without arguments comes back without arguments", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      socket.emit("message");
      assert.deepEqual(await next(socket, "message-back"), []);
    });

    test("the server acknowledges an event", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      assert.deepEqual(await acknowledged(socket, "message-with-ack", 1, "2", { 3: false }), [1, "2", { 3: false }]);
    });

    test("many acknowledgements at once each reach their own caller", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      const numbers = Array.from({ length: 200 }, (_, index) => index);
      const answers = await Promise.all(numbers.map((number) => socket.emitWithAck("message-with-ack", number)));
      assert.deepEqual(answers, numbers);
    });

    test("the client acknowledges an event", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      socket.on("question", (value, answer) => answer({ answered: value }));
      socket.emit("ask", "why");
      assert.deepEqual(await next(socket, "answered"), [{ answered: "why" }]);
    });

    test("an acknowledgement carries binary both ways", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      assert.deepEqual(await acknowledged(socket, "message-with-ack", Buffer.from([1, 2, 3])), [Buffer.from([1, 2, 3])]);
      socket.on("question", (value, answer) => answer(Buffer.concat([value, Buffer.from([255])])));
      socket.emit("ask-binary", Buffer.from([7]));
      assert.deepEqual(await next(socket, "answered"), [Buffer.from([7, 255])]);
    });

    test("binary keeps its place inside of other values", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      const sent = [{ a: Buffer.from("first"), b: [Buffer.alloc(0), { c: Buffer.from([0, 128, 255]) }] }, "between", Buffer.from("last")];
      socket.emit("message", ...sent);
      assert.deepEqual(await next(socket, "message-back"), sent);
    });

    test("unicode comes back as it was sent", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      socket.emit("message", UNICODE, { [UNICODE]: UNICODE });
      assert.deepEqual(await next(socket, "message-back"), [UNICODE, { [UNICODE]: UNICODE }]);
    });

    test("a message close to the limit comes back whole", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      // On polling MessagePack is written in base64, a third more.
      const text = "0123456789abcdef".repeat(way.parser ? 44_000 : 60_000);
      assert.deepEqual(await acknowledged(socket, "message-with-ack", text), [text]);
    });

    test("large binary comes back whole", async (t) => {
      const socket = clientsOf(t, server.url, way)();
      const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 31) % 256));
      const [answer] = await acknowledged(socket, "message-with-ack", bytes);
      assert.ok(bytes.equals(answer));
    });

    test("a message above the limit ends its own connection and no other", async (t) => {
      const open = clientsOf(t, server.url, way);
      const [bystander, offender] = [open(), open()];
      await Promise.all([next(bystander, "connect"), next(offender, "connect")]);
      offender.emit("message", "x".repeat(1_100_000));
      const [reason] = await next(offender, "disconnect");
      assert.match(reason, /^transport (close|error)$/);
      assert.equal(await bystander.emitWithAck("message-with-ack", "still here"), "still here");
    });
  });
}

/** All arguments of the acknowledgement; `emitWithAck` keeps only the first. */
function acknowledged(socket, event, ...args) {
  return new Promise((resolve) => socket.emit(event, ...args, (...answer) => resolve(answer)));
}
