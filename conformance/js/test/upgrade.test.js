// What happens while a connection moves from polling to a WebSocket.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WAYS, clientsOf, next, nextMany, upgraded } from "../support/clients.js";
import { startServer } from "../support/server.js";

const COUNT = 1_000;
const NUMBERS = Array.from({ length: COUNT }, (_, index) => index);

describe("the upgrade", () => {
  let server;
  before(async () => (server = await startServer("socket", ["--relaxed"])));
  after(() => server.stop());

  test("begins on polling and ends on a WebSocket", async (t) => {
    const socket = clientsOf(t, server.url, WAYS["polling, then websocket"])();
    const names = [];
    socket.io.on("open", () => names.push(socket.io.engine.transport.name));
    await next(socket.io, "open");
    await upgraded(socket);
    assert.deepEqual([...names, socket.io.engine.transport.name], ["polling", "websocket"]);
  });

  test("a thousand messages of the client arrive in order", async (t) => {
    const socket = clientsOf(t, server.url, WAYS["polling, then websocket"])();
    const echoes = nextMany(socket, "message-back", COUNT);
    await next(socket, "connect");
    // In portions, so that they are spread over the steps of the upgrade.
    for (const number of NUMBERS) {
      socket.emit("message", number);
      if (number % 20 === 19) {
        await new Promise(setImmediate);
      }
    }
    assert.deepEqual(await echoes, NUMBERS);
    await upgraded(socket);
  });

  test("a thousand messages of the server arrive in order", async (t) => {
    const socket = clientsOf(t, server.url, WAYS["polling, then websocket"])();
    const ticks = nextMany(socket, "tick", COUNT);
    await next(socket, "connect");
    for (let first = 0; first < COUNT; first += 20) {
      socket.emit("burst", first, 20);
      await new Promise(setImmediate);
    }
    assert.deepEqual(await ticks, NUMBERS);
    await upgraded(socket);
  });

  test("binary events stay whole while text goes beside them", async (t) => {
    const socket = clientsOf(t, server.url, WAYS["polling, then websocket"])();
    const sent = NUMBERS.slice(0, 200).map((number) => (number % 2 ? number : { bytes: Buffer.alloc(number, number), number }));
    const echoes = nextMany(socket, "message-back", sent.length);
    await next(socket, "connect");
    for (const value of sent) {
      socket.emit("message", value);
      if (Math.random() < 0.1) {
        await new Promise(setImmediate);
      }
    }
    assert.deepEqual(await echoes, sent);
    await upgraded(socket);
  });

  test("fifty clients upgrade at once", async (t) => {
    const open = clientsOf(t, server.url, WAYS["polling, then websocket"]);
    const sockets = Array.from({ length: 50 }, () => open());
    await Promise.all(
      sockets.map(async (socket, index) => {
        const echoes = nextMany(socket, "message-back", 20);
        NUMBERS.slice(0, 20).forEach((number) => socket.emit("message", `${index}:${number}`));
        assert.deepEqual(await echoes, NUMBERS.slice(0, 20).map((number) => `${index}:${number}`));
        await upgraded(socket);
      }),
    );
  });
});
