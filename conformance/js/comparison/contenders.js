import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { Adaptive } from "../../../clients/js/dist/index.js";
import { start, target } from "./proxy.js";

const fresh = { forceNew: true };

/** Sends to everybody, directly and so without faults. */
const broadcaster = (url) => io(url, { ...fresh, transports: ["websocket"] });

/** `socket.io` from npm with its defaults and these options. */
const reference = (options) => async () => {
  const http = createServer();
  const server = new Server(http, options);
  server.on("connection", (socket) => socket.on("broadcast", (number) => server.emit("msg", number)));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return { url: `http://127.0.0.1:${http.address().port}`, stop: () => server.close() };
};

/** `socketioxide` from crates.io with its defaults: the program of `bench/peers/socketioxide/`. */
const socketioxide = async () => {
  // It is told its port, as it prints the number that it was given.
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address();
  free.close();
  await once(free, "close");
  const path = process.env.SOCKETIOXIDE ?? fileURLToPath(new URL("bench/socketioxide/release/peer-socketioxide", target));
  const child = spawn(path, [String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  await Promise.race([once(child.stdout, "data"), once(child, "exit").then(() => Promise.reject(new Error(`${path} ended`)))]);
  const stop = async () => {
    child.kill();
    await once(child, "exit");
  };
  return { url: `http://127.0.0.1:${port}`, stop };
};

/** Our server, with the same defaults. */
const ours = async () => {
  const { first, stop } = await start("conformance", ["bench", "--port", "0"]);
  return { url: first.replace("listening on ", ""), stop };
};

const webSocketFirst = { transports: ["websocket", "polling"], tryAllTransports: true };

const contender = (name, start, options) => ({
  name,
  start,
  broadcaster,
  event: "msg",
  connect: (url) => io(url, { ...fresh, ...options }),
});

const recovery = { connectionStateRecovery: {} };

const adaptive = contender("ours, adaptive, events expected", ours, {});
adaptive.connect = (url) => {
  const transportOptions = { adaptive: { remember: false } };
  const socket = io(url, { ...fresh, transports: [Adaptive], transportOptions });
  Adaptive.of(socket).expectEvents(true);
  return socket;
};

export const contenders = [
  contender("socket.io, defaults", reference({}), {}),
  contender("socket.io, WebSocket first, tryAllTransports", reference({}), webSocketFirst),
  contender("socket.io, defaults, recovery", reference(recovery), {}),
  contender("socket.io, WebSocket first, tryAllTransports, recovery", reference(recovery), webSocketFirst),
  contender("socketioxide, defaults", socketioxide, {}),
  contender("socketioxide, WebSocket first, tryAllTransports", socketioxide, webSocketFirst),
  adaptive,
];
