// Node's socket.io on Bun's own engine, for the load generator of bench/.
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";

const port = Number(process.argv[2]);
const io = new Server();
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);
io.on("connection", (socket) => {
  socket.join("bench");
  socket.on("echo", (data, ack) => ack(data));
  socket.on("broadcast", (data) => io.to("bench").emit("msg", data));
  socket.on("broadcast-ack", async (data, ack) => {
    const answers = await io.timeout(10_000).to("bench").emitWithAck("msg", data);
    ack(answers.length);
  });
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack();
  });
  socket.on("leave", (room, ack) => {
    socket.leave(room);
    ack();
  });
  socket.on("room", (room, text) => io.to(room).emit("msg", text));
});
Bun.serve({ port, hostname: "127.0.0.1", ...engine.handler() });
console.log(`listening on http://127.0.0.1:${port}`);
