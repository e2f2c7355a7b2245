import { createServer } from "node:http";
import { once } from "node:events";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { Adaptive } from "../../../clients/js/dist/index.js";
import { start } from "./proxy.js";

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
  adaptive,
];
