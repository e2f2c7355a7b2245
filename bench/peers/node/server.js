// Node's socket.io with its default settings, for the load generator of bench/.
const { createServer } = require("node:http");
const { Server } = require("socket.io");

const port = Number(process.argv[2]);
const server = createServer();
const io = new Server(server);
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
server.listen(port, "127.0.0.1", 4096, () => console.log(`listening on http://127.0.0.1:${port}`));
