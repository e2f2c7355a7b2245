// The reference server, for our own client: node servers/socket.js [--port N] [--recovery]
// The first line on stdout is `listening on http://…`.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Server } from "socket.io";

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, recovery: { type: "boolean", default: false } },
});

const http = createServer();
const io = new Server(http, {
  // Short, so that a client that does not answer is found out while a case runs.
  pingInterval: 300,
  pingTimeout: 2000,
  connectionStateRecovery: values.recovery ? {} : undefined,
});

for (const namespace of ["/", "/custom"]) {
  io.of(namespace).on("connection", (socket) => {
    if (!socket.recovered) {
      socket.join("room");
      socket.emit("auth", socket.handshake.auth);
    }
    socket.on("echo", (...args) => socket.emit("echoed", ...args));
    socket.on("ack", (...args) => args.pop()(...args));
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
