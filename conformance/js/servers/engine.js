// The reference server of Engine.IO, which sends every message back: node servers/engine.js [--port N] [--quick]
// The first line on stdout is `listening on http://…`.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Server } from "engine.io";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    // Lose patience as soon as the official suite wants it.
    quick: { type: "boolean", default: false },
    cors: { type: "string" },
  },
});

const http = createServer();
const engine = new Server({
  pingInterval: 300,
  pingTimeout: values.quick ? 200 : 20_000,
  cors: values.cors ? { origin: values.cors.split(","), credentials: true } : undefined,
});
engine.attach(http);
engine.on("connection", (socket) => socket.on("message", (message) => socket.send(message)));

http.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}`);
});
