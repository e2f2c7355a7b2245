// The reference server, for our own client and the same cases as our server:
// node servers/socket.js [--port N] [--recovery] [--quick]
// The first line on stdout is `listening on http://…`.
import { createServer } from "node:http";
import { mock } from "node:test";
import { parseArgs } from "node:util";
import { Server } from "socket.io";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    recovery: { type: "boolean", default: false },
    // Lose patience as soon as the official suite wants it.
    quick: { type: "boolean", default: false },
    cors: { type: "string" },
  },
});

if (values.recovery) {
  // The reference forgets old events once a minute; "purge" lets that minute pass.
  mock.timers.enable({ apis: ["setInterval"] });
}

const http = createServer();
const io = new Server(http, {
  // Short, so that a client that does not answer is found out while a case runs.
  pingInterval: 300,
  pingTimeout: values.quick ? 200 : 20_000,
  connectTimeout: values.quick ? 1000 : 45_000,
  connectionStateRecovery: values.recovery ? { maxDisconnectionDuration: 1000 } : undefined,
  cors: values.cors ? { origin: values.cors.split(","), credentials: true } : undefined,
});

for (const namespace of ["/", "/custom", "/quiet"]) {
  io.of(namespace).on("connection", (socket) => {
    if (!socket.recovered && namespace !== "/quiet") {
      socket.join("room");
      socket.emit("auth", socket.handshake.auth);
    }
    socket.on("echo", (...args) => socket.emit("echoed", ...args));
    socket.on("ack", (...args) => args.pop()(...args));
    // Acknowledged the third time only, and tells how often each came.
    const asked = new Map();
    socket.on("forgetful", (value, done) => {
      asked.set(value, (asked.get(value) ?? 0) + 1);
      if (asked.get(value) >= 3) done([...asked]);
    });
    socket.on("ask", (question) => socket.emit("question", question, (...answer) => socket.emit("answered", ...answer)));
    socket.on("burst", (count) => {
      for (let number = 0; number < count; number += 1) {
        socket.emit("tick", number);
      }
    });
    socket.on("heartbeats", (count, done) => {
      let left = count;
      socket.conn.on("heartbeat", () => {
        left -= 1;
        if (left === 0) done();
      });
    });
    socket.on("kick", (close) => socket.disconnect(close));
    // What `conformance -- socket` offers too.
    socket.on("message", (...args) => socket.emit("message-back", ...args));
    socket.on("message-with-ack", (...args) => args.pop()(...args));
    socket.on("join", (room, done) => done(socket.join(room)));
    socket.on("leave", (room, done) => done(socket.leave(room)));
    socket.on("to-rooms", (rooms, value) => io.of(namespace).to(rooms).emit("room", value));
    socket.on("fleeting", (value) => socket.volatile.emit("fleeting", value));
    socket.on("purge", (done) => done(mock.timers.tick(60_000)));
    socket.on("disconnect-me", (close) => socket.disconnect(close));
    // Ends the connection below, and emits to the absent.
    socket.on("cut", () => {
      socket.conn.close();
      io.of(namespace).to("room").emit("missed", 1);
      io.of(namespace).to("room").emit("missed", Buffer.from([2]));
    });
  });
}

io.of("/refused").use((socket, next) => {
  if (socket.handshake.auth.token === "right") return next();
  const error = new Error("not authorised");
  error.data = { code: "wrong_token" };
  return next(error);
});

http.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}`);
});
