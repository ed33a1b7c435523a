import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createConnection, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { EventStream } from "../../../gateway/http/event_stream.ts";
import { createHttpServer, type ServerSetup } from "../../../gateway/http/server.ts";
import { MOST_UNSENT } from "../../../gateway/limits.ts";
import { SocketConnection } from "../../../gateway/sockets/connection.ts";
import { listen, type Listening } from "../../support/listen.ts";

const NONE = new Set<string>();
const WHO = {
  caller: { keyHash: "k", userId: null, endsAt: null, byTicket: false },
  reader: { id: "k", orgs: NONE, whole: NONE, agents: NONE, scopes: NONE },
};
/** What a machine keeps of it for whoever does not read is less than four hundred of these. */
const TEXT = "x".repeat(60_000);
const MOST_KEPT = MOST_UNSENT + 2 * TEXT.length;
const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

let listening: Listening;
let client: Socket;
afterEach(async () => {
  client.destroy();
  await listening.stop();
});

/** Asks a server for something, and never reads the answer. */
async function askUnread(server: Server, path = "/", headers = ""): Promise<void> {
  listening = await listen(server);
  client = createConnection({ port: listening.port, host: "127.0.0.1" });
  client.pause();
  client.on("error", () => {});
  client.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`);
}

/** Reads it after all, up to its end. */
async function read(): Promise<string> {
  let text = "";
  client.on("data", (data) => text += data);
  if (!client.closed) await once(client.resume(), "close");
  return text;
}

/** The most that was kept while four hundred texts were sent. */
async function mostKept(send: () => void, kept: () => number): Promise<number> {
  let most = 0;
  for (let n = 0; n < 400; n++) {
    send();
    most = Math.max(most, kept());
    await new Promise(setImmediate);
  }
  return most;
}

async function unreadStream() {
  const server = createServer();
  const asked = once(server, "request");
  await askUnread(server, "/", "Connection: close\r\n");
  const [, response] = await asked as [unknown, ServerResponse];
  const stream = new EventStream({ ...WHO, response });
  return { stream, response, closed: once(response, "close") };
}

it("of an event stream that nobody reads no more than a mebibyte is kept, and the next event ends it", async () => {
  const { stream, response, closed } = await unreadStream();
  stream.begin(null);
  expect(await mostKept(() => stream.sendNow(TEXT), () => response.writableLength)).toBeLessThan(MOST_KEPT);
  expect(response.destroyed).toBe(false);
  stream.sendCursor("next");
  await closed;
});

it("an event stream says nothing before it has begun", async () => {
  const { stream } = await unreadStream();
  stream.sendNow('{"type":"typing"}');
  stream.begin(null);
  stream.restart();
  const text = await read();
  expect(text).toMatch(/^HTTP\/1\.1 200 [^]*content-type: text\/event-stream[^]*retry: \d+/);
  expect(text).not.toContain("typing");
});

it("a WebSocket whose answers nobody reads ends with a mebibyte of them", async () => {
  const server = createServer();
  const upgraded = new Promise<{ socket: WebSocket; wire: Duplex }>((resolve) =>
    server.on("upgrade", (request, wire, head) =>
      new WebSocketServer({ noServer: true }).handleUpgrade(
        request,
        wire,
        head,
        (socket) => resolve({ socket, wire }),
      ))
  );
  await askUnread(server, "/", UPGRADE);
  const { socket, wire } = await upgraded;
  const connection = new SocketConnection({ ...WHO, socket, wire, session: null, maxSubscriptions: 1 });
  const closed = once(socket, "close");
  const pong = () => connection.send({ type: "pong", ref: TEXT });
  expect(await mostKept(pong, () => socket.bufferedAmount)).toBeLessThan(MOST_KEPT);
  expect(connection.isEnded).toBe(true);
  await closed;
});

it("an answer that nobody reads goes with its connection", async () => {
  const counts = () => ({ [TEXT.repeat(400)]: 1 });
  const server = createHttpServer({ hostNames: null, counts, log: () => {} } as unknown as ServerSetup);
  expect(server.timeout).toBe(60_000);
  server.timeout = 50;
  const asked = once(server, "request");
  await askUnread(server, "/metrics");
  const [{ socket }] = await asked as [IncomingMessage];
  await once(socket, "close");
  expect((await read()).length).toBeLessThan(400 * TEXT.length);
});
