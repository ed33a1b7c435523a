/**
 * Many clients of one server in a process of its own, a gateway's or socket.io's by the same code: `listeners.mjs
 * <gateway|socketio> <url> <count> [API keys,…] [topic]`. Prints `{"connected": n}`. For each line `{"name", "messages"}` on
 * standard input it answers `{"<name> begun": true}`, and `{[name]: when}`, in milliseconds since the epoch, once all of
 * them together have heard so many messages; ends with its standard input.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

const AT_ONCE = 40;
/** What a server says beside the messages is shorter. */
const SHORTEST_MESSAGE = 100;
const [kind = "", url = "", count = "", keys = "", topic = ""] = process.argv.slice(2);
let heard = 0;
let wanted = Infinity;
/** @type {() => void} */
let onHeard = () => undefined;

const connect = { gateway: connectToGateway, socketio: connectToSocketIo }[kind];
if (!connect) throw new Error(`"${kind}" is no kind`);

/** @param {number} index */
async function connectToGateway(index) {
  const key = keys.split(",").at(index % keys.split(",").length);
  const headers = { authorization: `Bearer ${key}` };
  const socket = new WebSocket(`${url}/v1/realtime`, { perMessageDeflate: false, headers });
  await saying(socket, '"welcome"');
  socket.send(JSON.stringify({ type: "subscribe", topic }));
  await saying(socket, '"subscribed"');
  return socket;
}

/** Socket.io's protocol 5 over engine.io's 4. */
async function connectToSocketIo() {
  const socket = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate: false });
  await saying(socket, "0{");
  socket.send(`40${JSON.stringify({ room: "all" })}`);
  await saying(socket, '"joined"');
  socket.on("message", (data) => {
    if (data.toString() === "2") socket.send("3");
  });
  return socket;
}

/**
 * Several messages of one packet come in one go: who asked for the next only after an `await` would miss it.
 * @param {WebSocket} socket @param {string} word
 */
function saying(socket, word) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {unknown} */ reason) => reject(new Error(`no ${word}: ${reason}`));
    const read = (/** @type {Buffer} */ data) => {
      if (data.includes('"error"')) fail(data);
      if (!data.includes(word)) return;
      socket.off("message", read).off("error", fail).off("close", fail);
      resolve(undefined);
    };
    socket.on("message", read).on("error", fail).on("close", fail);
  });
}

let begun = 0;
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  while (begun < Number(count)) {
    const socket = await connect(begun++);
    socket.on("message", (/** @type {Buffer} */ data) => {
      if (data.length >= SHORTEST_MESSAGE && ++heard === wanted) onHeard();
    });
    socket.on("close", () => {
      throw new Error("a client lost its connection");
    });
  }
}));
console.log(JSON.stringify({ connected: Number(count) }));

for await (const line of createInterface({ input: process.stdin })) {
  const { name, messages } = JSON.parse(line);
  heard = 0;
  wanted = messages;
  onHeard = () => console.log(JSON.stringify({ [name]: performance.timeOrigin + performance.now() }));
  console.log(JSON.stringify({ [`${name} begun`]: true }));
}
process.exit();
