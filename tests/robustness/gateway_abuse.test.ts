import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../support/event_readers.ts";
import { connect, type GatewayClient } from "../support/gateway_client.ts";
import { createGenerator } from "../support/generator.ts";
import { type JsonProcess, runDeno } from "../support/process.ts";

const ALL = `events.${DEMO_ORG}.*.*.*.*`;
const SLOW = 100;
const GARBAGE_FRAMES = 10_000;
const CLOSES = 1_000;
const AT_ONCE = 50;
const MB = 1024 * 1024;

let database: TestDatabase;
let gateway: JsonProcess;
let url: string;
let key: string;
let good: GatewayClient;
beforeAll(async () => {
  database = await createDatabase();
  key = await makeEventKey(database.sql);
  gateway = runDeno(["gateway/main.ts"], {
    SUPABASE_DB_URL: database.url,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_PUBLISHABLE_KEY: "none",
    HEDDLE_GATEWAY_PORT: "0",
  });
  url = `http://127.0.0.1:${await gateway.event<number>("listening")}`;
  good = await connect(url, { token: await makeEventKey(database.sql) });
  good.send({ type: "subscribe", topic: `events.${DEMO_ORG}.test.*.*.probe` });
});
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

const counts = async () => await (await fetch(`${url}/metrics`)).json() as Record<string, number>;
const memory = () =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${gateway.child.pid}/status`, "utf8"))?.[1]) / 1024;
/** Nobody else's trouble is theirs. */
async function isWell() {
  const heard = good.events().length;
  await addEvent(database.sql, "probe");
  await expect.poll(() => good.events().length).toBe(heard + 1);
  await expect.poll(async () => await counts()).toMatchObject({
    connections: 1,
    subscriptions: 1,
    readers: 1,
  });
}
const raw = () =>
  new Promise<WebSocket>((resolve, reject) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/realtime`, {
      headers: { authorization: `Bearer ${key}` },
    });
    socket.on("open", () => resolve(socket));
    socket.on("error", reject);
  });
const closeOf = (socket: WebSocket) => new Promise<number>((resolve) => socket.on("close", resolve));
async function inBatches(count: number, work: (at: number) => Promise<unknown>) {
  for (let at = 0; at < count; at += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, n) => work(at + n)));
  }
}

it("who reads too slowly is sent away, and costs nothing afterwards", async () => {
  const before = memory();
  const sockets: WebSocket[] = [];
  await inBatches(SLOW, async () => {
    const socket = await raw();
    socket.send(JSON.stringify({ type: "subscribe", topic: ALL }));
    sockets.push(socket);
  });
  await expect.poll(async () => (await counts()).subscriptions).toBe(SLOW + 1);
  for (const socket of sockets) {
    socket.on("error", () => undefined);
    socket.pause();
  }
  // The system's buffers take some megabytes for each of them first.
  for (let n = 0; n < 400 && ((await counts()).connections ?? 0) > 1; n++) {
    await database
      .sql`select heddle.log_event(${DEMO_ORG}, null, array['test', 'thing', 'changed', 'big'], 'thing.changed',
      null, jsonb_build_object('text', repeat('x', 60000)))`;
  }
  await isWell();
  for (const socket of sockets) socket.terminate();
  await expect.poll(() => memory() - before).toBeLessThan(150);
  expect(memory()).toBeLessThan(400);
});

it("garbage ends whoever sends it, however much it is", async () => {
  const generator = createGenerator(3);
  let sent = 0;
  await inBatches(GARBAGE_FRAMES / 50, async (at) => {
    const socket = await raw();
    const closed = closeOf(socket);
    socket.on("error", () => undefined);
    for (let n = 0; n < 50; n++, sent++) {
      const isBinary = generator.chance(0.2);
      const junk = generator.chance(0.5)
        ? JSON.stringify(generator.json(3))
        : `{"type":"subscribe","since":${at}`;
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(isBinary ? Buffer.from([at % 256, n, 255]) : junk);
      }
    }
    expect(await closed).toBe(4400);
  });
  expect(sent).toBe(GARBAGE_FRAMES);
  await isWell();
});

it("frames that are too large end whoever sends them", async () => {
  await inBatches(AT_ONCE, async () => {
    const socket = await raw();
    const closed = closeOf(socket);
    socket.on("error", () => undefined);
    socket.send("x".repeat(2 * MB));
    expect([1006, 1009]).toContain(await closed);
  });
  await isWell();
});

it("a flood of subscriptions ends at a thousand for one key, over all its connections", async () => {
  const clients = await Promise.all(Array.from({ length: 25 }, () => connect(url, { token: key })));
  const channels = (at: number) => Array.from({ length: 50 }, (_, n) => `conversation:${at}-${n}`);
  const answers = await Promise.all(
    clients.map((client, at) => client.ask({ type: "subscribe", channels: channels(at) })),
  );
  const codes = answers.map(({ type, code }) => code ?? type);
  expect(codes.filter((code) => code === "subscribed")).toHaveLength(20);
  expect(codes.filter((code) => code === "too_many_subscriptions")).toHaveLength(5);
  for (const client of clients) client.drop();
  await isWell();
});

it("nothing stays of a thousand connections that were closed in every way", async () => {
  const before = memory();
  await inBatches(CLOSES, async (at) => {
    const socket = await raw();
    const closed = closeOf(socket);
    socket.send(JSON.stringify({ type: "subscribe", topics: [ALL], channels: [`conversation:${at}`] }));
    if (at % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    if (at % 2 === 0) socket.close();
    else socket.terminate();
    await closed;
  });
  await isWell();
  // A subscription is six tokens, of which the good one's are left.
  expect(await counts()).toMatchObject({ trieNodes: 6, sessions: 0 });
  expect(memory() - before).toBeLessThan(60);
  expect(gateway.output()).not.toMatch(/failed|crashed|hdl_/);
});
