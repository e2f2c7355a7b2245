import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { Server as SocketServer } from "socket.io";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { SocketIoTransport } from "./socketio";

// The reference server knows no adaptive transport, so each opening takes two attempts.
vi.setConfig({ testTimeout: 30_000 });

let http: Server;
let io: SocketServer;
let live: SocketIoTransport;
let allowed: (transport: string) => boolean;

beforeEach(async () => {
  allowed = () => true;
  http = createServer().listen(0, "127.0.0.1");
  await once(http, "listening");
  live = new SocketIoTransport({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, openTimeoutMs: 300 });
});

afterEach(async () => {
  live.close();
  await io.close();
});

/** The reference server, with its own idea of who may come in. */
function serve(): void {
  io = new SocketServer(http, {
    allowRequest: (request, done) => {
      const query = new URL(request.url ?? "", "http://localhost").searchParams;
      done(null, allowed(query.get("transport") ?? ""));
    },
  });
  io.on("connection", (socket) => socket.on("double", (value: number, reply: (value: number) => void) => reply(2 * value)));
}

const status = (wanted: object) => vi.waitFor(() => expect(live.status).toMatchObject(wanted), { timeout: 8_000, interval: 10 });

test("opens a WebSocket at once", async () => {
  serve();
  live.open();
  await status({ phase: "connected", tier: "websocket", cause: null });
  expect(await live.request("double", 21)).toBe(42);
});

test("hands events to those who listen, until they stop", async () => {
  serve();
  const heard: unknown[] = [];
  live.on("progress", (payload) => heard.push(payload));
  const stop = live.on("progress", (payload) => heard.push(payload));
  live.open();
  await status({ phase: "connected" });
  stop();
  io.emit("progress", { seq: 1 });
  await vi.waitFor(() => expect(heard).toEqual([{ seq: 1 }]));
});

test("falls back to long-polling when the WebSocket is refused, and says so", async () => {
  serve();
  // As a proxy does, in the opening and in the upgrade of a session on polling.
  io.engine.removeAllListeners("upgrade");
  http.removeAllListeners("upgrade");
  http.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
  live.open();
  await status({ phase: "connected", tier: "long-polling", cause: "websocket-refused" });
  expect(await live.request("double", 4)).toBe(8);
});

test("falls back to long-polling when the WebSocket hangs", async () => {
  serve();
  io.engine.removeAllListeners("upgrade");
  http.removeAllListeners("upgrade");
  http.on("upgrade", (_request, socket) => {
    // Accepted as far as TCP goes, and never answered.
    live.onStatus(() => live.status.phase === "connected" && socket.destroy());
  });
  live.open();
  await status({ phase: "connected", tier: "long-polling", cause: "websocket-timeout" });
});

test("says that nothing is open, keeps trying, and recovers", async () => {
  allowed = () => false;
  serve();
  live.open();
  await status({ phase: "disconnected", cause: "socket-not-open" });
  await expect(live.request("double", 1)).rejects.toThrow("not connected");
  allowed = () => true;
  await status({ phase: "connected", tier: "websocket" });
});

test("says that it was cut, and reconnects", async () => {
  serve();
  live.open();
  await status({ phase: "connected" });
  const causes: unknown[] = [];
  live.onStatus(() => causes.push(live.status.cause));
  for (const client of io.sockets.sockets.values()) client.conn.close();
  await status({ phase: "disconnected", cause: "socket-cut" });
  await status({ phase: "connected" });
  expect(causes[0]).toBe("socket-cut");
});

test("comes back after the server has ended the connection on purpose", async () => {
  serve();
  live.open();
  await status({ phase: "connected" });
  io.disconnectSockets();
  await status({ phase: "disconnected" });
  await status({ phase: "connected" });
});

test("gives up a connection and opens another on demand", async () => {
  serve();
  live.open();
  await status({ phase: "connected" });
  const [before] = io.sockets.sockets.keys();
  live.restart();
  await status({ phase: "disconnected", cause: "socket-cut" });
  await status({ phase: "connected", tier: "websocket" });
  expect([...io.sockets.sockets.keys()]).not.toContain(before);
});
