/**
 * What a developer would write without Heddle: a POST emits to a room of socket.io. `{"listening": port}` is its first
 * line; it ends with its standard input.
 */
import { createServer } from "node:http";
import process from "node:process";
import { Server } from "socket.io";

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { room, message } = JSON.parse(Buffer.concat(chunks).toString());
  io.to(room).emit("refresh", message);
  response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
});
const io = new Server(server, { transports: ["websocket"] });
io.on("connection", async (socket) => {
  await socket.join(socket.handshake.auth.room);
  socket.emit("joined");
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(JSON.stringify({ listening: typeof address === "object" && address?.port }));
});
process.stdin.on("end", () => process.exit()).resume();
