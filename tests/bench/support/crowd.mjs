/**
 * Many idle subscribers of one channel, in a process of its own. Reads commands as JSON lines from standard input and answers
 * each with one line under the command's own name; ends with its standard input.
 *
 * `{"name", "members": n}`: as many sockets joined in all. `{"name", "listen": true}`: answers a moment after each has heard a
 * broadcast, with how many were heard until then and when there was one for each, in milliseconds since the epoch.
 */
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

const AT_ONCE = 40;
/** Realtime ends a connection that is silent for longer. */
const HEARTBEAT_MS = 25_000;
/** A broadcast that comes twice comes within this time. */
const DOUBLES_MS = 200;
const [url = "", topic = ""] = process.argv.slice(2);
/** @type {WebSocket[]} */
const sockets = [];
let heard = 0;
/** @type {() => void} */
let onHeard = () => undefined;

async function join() {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  const config = { private: true, broadcast: {}, presence: {} };
  socket.send(JSON.stringify(["1", "1", `realtime:${topic}`, "phx_join", { config }]));
  const [reply] = await once(socket, "message");
  const [, , , , { status }] = JSON.parse(reply.toString());
  if (status !== "ok") throw new Error(`a join was refused: ${reply}`);
  socket.on("message", (_, isBinary) => {
    if (!isBinary) return;
    if (++heard === sockets.length) onHeard();
  });
  socket.on("close", () => {
    throw new Error("a subscriber lost its connection");
  });
  sockets.push(socket);
}

setInterval(() => {
  for (const socket of sockets) socket.send('[null,"2","phoenix","heartbeat",{}]');
}, HEARTBEAT_MS);

for await (const line of createInterface({ input: process.stdin })) {
  const { name, members = 0, listen } = JSON.parse(line);
  if (listen) {
    heard = 0;
    onHeard = () => {
      const lastAt = performance.timeOrigin + performance.now();
      setTimeout(() => console.log(JSON.stringify({ [name]: { heard, lastAt } })), DOUBLES_MS);
    };
    console.log(JSON.stringify({ [`${name} begun`]: true }));
    continue;
  }
  const left = { count: members - sockets.length };
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left.count-- > 0) await join();
  }));
  console.log(JSON.stringify({ [name]: sockets.length }));
}
process.exit();
