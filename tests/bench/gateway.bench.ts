import { spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as openNats } from "@nats-io/transport-node";
import { afterAll, beforeAll, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { TopicTrie } from "../../gateway/log/trie.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { DEMO_ORG, makeEventKey } from "../support/event_readers.ts";
import { connect } from "../support/gateway_client.ts";
import { createGenerator } from "../support/generator.ts";
import { type JsonProcess, runNode } from "../support/process.ts";
import { inTurns, median, quantile, report } from "./support/measures.ts";
import { processTree } from "./support/memory.ts";

const SUBSCRIPTIONS = 100_000;
const TOPICS = 5_000;
const HEARERS = 500;
const EVENTS_AT_ONCE = 40;
const CROWD = 5_000;
const SUBSCRIPTIONS_OF_KEY = 1_000;
const EVENT_TEXT = 120;
const KIB = 1024;
const ROUNDS = 7;
const SAMPLES = 100;
const MISSED = 10_000;
const ALL = `events.${DEMO_ORG}.*.*.*.*`;

const outDir = mkdtempSync(join(tmpdir(), "heddle-gateway-"));
let database: TestDatabase;
let gateway: JsonProcess;
let url: string;
let key: string;
beforeAll(async () => {
  spawnSync(process.execPath, ["scripts/build_gateway.mjs", outDir]);
  database = await createDatabase();
  key = await makeEventKey(database.sql);
  gateway = startGateway();
  url = `http://127.0.0.1:${await gateway.event<number>("listening")}`;
});

function startGateway(further: Record<string, string> = {}): JsonProcess {
  return runNode([join(outDir, "main.mjs")], {
    SUPABASE_DB_URL: database.url,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_PUBLISHABLE_KEY: "none",
    HEDDLE_GATEWAY_PORT: "0",
    ...further,
  });
}

afterAll(async () => {
  await gateway.stop();
  await database.drop();
  rmSync(outDir, { recursive: true });
});

const tell = (count: number) =>
  database.sql`
    select heddle.log_event(${DEMO_ORG}, null, array['test', 'thing', 'changed', 'r' || n % 10], 'thing.changed', null,
      jsonb_build_object('n', n, 'text', repeat('x', ${EVENT_TEXT}::integer))) from generate_series(1, ${count}::integer) n`;

test("topics among a hundred thousand subscriptions", () => {
  const generator = createGenerator(1);
  const token = (kinds: number, stars: number) =>
    generator.chance(stars) ? "*" : `t${generator.below(kinds)}`;
  const topic = (stars: number) => [
    "events",
    `org${generator.below(50)}`,
    token(4, stars),
    token(6, stars),
    token(10, stars),
    token(500, stars / 2),
  ];
  const trie = new TopicTrie<number>();
  for (let n = 0; n < SUBSCRIPTIONS; n++) trie.add(topic(0.3), n);
  const topics = Array.from({ length: TOPICS }, () => topic(0));
  const rates = Array.from({ length: ROUNDS }, () => {
    let hits = 0;
    const from = performance.now();
    for (const each of topics) trie.visit(each, () => hits++);
    const seconds = (performance.now() - from) / 1000;
    if (hits === 0) throw new Error("nothing matched");
    return TOPICS / seconds;
  });
  report("gateway_matches", median(rates));
});

/** Milliseconds from an event's commit to its frame, once for each sample. */
async function timesToClient(address: string, ring = (): void => undefined): Promise<number[]> {
  const client = await connect(address, { token: key });
  await client.ask({ type: "subscribe", topic: ALL });
  const times: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const heard = client.frames.length;
    await tell(1);
    const from = performance.now();
    ring();
    while (client.frames.length === heard) await new Promise((resolve) => setImmediate(resolve));
    times.push(performance.now() - from);
    // Not in step with the gateway's looks.
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 60));
  }
  client.drop();
  return times;
}

test("from the log to clients", async () => {
  report("gateway_event_to_client_p50", quantile(await timesToClient(url), 0.5));
});

test("from the log to clients, where the writer rings on NATS", async () => {
  const port = randomInt(20_000, 31_000);
  const nats = spawn("nats-server", ["-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  await once(nats, "spawn");
  onTestFinished(() => void nats.kill());
  const servers = `nats://127.0.0.1:${port}`;
  const bell = await openNats({ servers, waitOnFirstConnect: true });
  onTestFinished(() => bell.close());
  const rung = startGateway({ HEDDLE_GATEWAY_BUS: "nats", NATS_URL: servers });
  onTestFinished(() => rung.stop());
  const address = `http://127.0.0.1:${await rung.event<number>("listening")}`;
  const times = await timesToClient(address, () => bell.publish("heddle.events.doorbell"));
  report("gateway_event_to_client_rung_p50", quantile(times, 0.5));
});

test("deliveries a second", async () => {
  let heard = 0;
  const sockets = Array.from({ length: HEARERS }, () => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/realtime`, {
      headers: { authorization: `Bearer ${key}` },
    });
    socket.on("message", () => heard++);
    socket.on("open", () => socket.send(JSON.stringify({ type: "subscribe", topic: ALL })));
    return socket;
  });
  const until = async (count: number) => {
    while (heard < count) await new Promise((resolve) => setImmediate(resolve));
  };
  await until(2 * HEARERS);
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    heard = 0;
    await tell(EVENTS_AT_ONCE);
    const from = performance.now();
    await until(HEARERS * EVENTS_AT_ONCE);
    rates.push(HEARERS * EVENTS_AT_ONCE / ((performance.now() - from) / 1000));
  }
  for (const socket of sockets) socket.terminate();
  report("gateway_deliveries", median(rates));
});

test("5,000 clients beside socket.io's", async () => {
  const socketIo = runNode(["tests/bench/support/socketio_server.mjs"]);
  onTestFinished(() => socketIo.stop());
  const servers = { gateway, socketio: socketIo };
  const socketIoUrl = `http://127.0.0.1:${await socketIo.event<number>("listening")}`;
  // One key's connections may have a thousand subscriptions in all.
  const keys = [key];
  while (keys.length * SUBSCRIPTIONS_OF_KEY < CROWD) keys.push(await makeEventKey(database.sql));
  const before = { gateway: memoryOf(gateway), socketio: memoryOf(socketIo) };
  const clients = {
    gateway: listeners("gateway", url, keys.join(","), ALL),
    socketio: listeners("socketio", socketIoUrl),
  };
  for (const client of Object.values(clients)) onTestFinished(() => client.stop());
  for (const client of Object.values(clients)) await client.event("connected");
  const bytes = (kind: keyof typeof servers) => (memoryOf(servers[kind]) - before[kind]) / CROWD;
  report("gateway_memory_per_client", bytes("gateway") / KIB, bytes("socketio") / KIB);

  let rounds = 0;
  async function perSecond(kind: keyof typeof clients, send: () => Promise<unknown>): Promise<number> {
    const name = `round ${rounds++}`;
    const messages = CROWD * EVENTS_AT_ONCE;
    clients[kind].child.stdin?.write(`${JSON.stringify({ name, messages })}\n`);
    await clients[kind].event(`${name} begun`);
    const from = performance.timeOrigin + performance.now();
    await send();
    return messages / ((await clients[kind].event<number>(name) - from) / 1000);
  }
  const message = { n: 1, text: "x".repeat(EVENT_TEXT) };
  const rates = await inTurns(ROUNDS, {
    gateway: () => perSecond("gateway", () => tell(EVENTS_AT_ONCE)),
    socketio: () =>
      perSecond(
        "socketio",
        () =>
          Promise.all(Array.from({ length: EVENTS_AT_ONCE }, () =>
            fetch(socketIoUrl, { method: "POST", body: JSON.stringify({ room: "all", message }) }))),
      ),
  });
  report("gateway_deliveries_5000", median(rates.gateway), median(rates.socketio));
}, 600_000);

/** As many clients as one process may have, which leaves the server the other core. */
const listeners = (...args: string[]) =>
  runNode(["tests/bench/support/listeners.mjs", ...args.slice(0, 2), `${CROWD}`, ...args.slice(2)]);

const memoryOf = ({ child }: JsonProcess) =>
  processTree(child.pid ?? 0).reduce((sum, { bytes }) => sum + bytes, 0);

test("going on after ten thousand events", async () => {
  const before = await connect(url, { token: key });
  const { cursor: since } = await before.ask({ type: "subscribe", topic: ALL });
  before.drop();
  await tell(MISSED);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await resume(since ?? ""));
  report("gateway_resume_10000", median(times));
});

/** Milliseconds until all that was missed has come. */
async function resume(since: string): Promise<number> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/realtime`, {
    headers: { authorization: `Bearer ${key}` },
  });
  await once(socket, "message"); // the welcome
  const from = performance.now();
  socket.send(JSON.stringify({ type: "subscribe", topic: ALL, since }));
  // The answer comes first.
  let left = MISSED + 1;
  await new Promise<void>((resolve) => socket.on("message", () => --left === 0 && resolve()));
  const took = performance.now() - from;
  socket.terminate();
  return took;
}
