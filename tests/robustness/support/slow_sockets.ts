import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { WildRequest } from "./client.ts";

const BYTE_EVERY_MS = 40;

/** Connections that send one byte now and then, and never come to an end. */
export interface SlowSockets {
  /** The first line of each answer that came, such as `HTTP/1.1 400 Bad Request`. */
  readonly answers: string[];
  stop(): Promise<void>;
}

/** Opens a connection for each text, whose first part is sent at once and whose `drip` is sent again and again. */
export async function openSlowSockets(
  origin: string,
  texts: { atOnce: string; drip: string }[],
): Promise<SlowSockets> {
  const { hostname, port } = new URL(origin);
  const answers: string[] = [];
  const sockets = await Promise.all(texts.map(async ({ atOnce, drip }, index) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      localAddress: `127.9.0.${1 + index % 250}`,
    });
    socket.on("error", () => undefined); // cut off: what the server may do at any time
    socket.once("data", (chunk: Buffer) => answers.push(chunk.toString().split("\r\n", 1)[0] ?? ""));
    await once(socket, "connect");
    socket.write(atOnce);
    return { socket, drip, at: 0 };
  }));
  const timer = setInterval(() => {
    for (const slow of sockets) {
      if (slow.socket.writable) slow.socket.write(slow.drip.charAt(slow.at++ % slow.drip.length));
    }
  }, BYTE_EVERY_MS);

  return {
    answers,
    async stop() {
      clearInterval(timer);
      await Promise.all(sockets.map(({ socket }) => closed(socket)));
    },
  };
}

async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  const close = once(socket, "close");
  socket.destroy();
  await close;
}

/** A request whose headers never end. */
export function endlessHeaders({ method, target }: WildRequest): { atOnce: string; drip: string } {
  return { atOnce: `${method} ${target} HTTP/1.1\r\nhost: localhost\r\n`, drip: "x-slow: 1\r\n" };
}

/** A request that announces more of a body than it ever sends. */
export function endlessBody({ method, target, headers }: WildRequest): { atOnce: string; drip: string } {
  const lines = Object.entries({ host: "localhost", ...headers, "content-length": "60000" })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return { atOnce: `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n{`, drip: " " };
}
