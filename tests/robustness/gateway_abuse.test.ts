import { randomUUID } from "node:crypto";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../support/event_readers.ts";
import { connect, type GatewayClient } from "../support/gateway_client.ts";
import { createGenerator } from "../support/generator.ts";
import { type JsonProcess, runDeno, runNode } from "../support/process.ts";

const ALL = `events.${DEMO_ORG}.*.*.*.*`;
const SLOW = 1_000;
const HALF_OPEN = 1_000;
const THIEVES = 50;
const TICKETS = 2_000;
const GARBAGE_FRAMES = 10_000;
const CLOSES = 1_000;
const AT_ONCE = 50;
const MB = 1024 * 1024;

let database: TestDatabase;
let gateway: JsonProcess;
let url: string;
let key: string;
let good: GatewayClient;
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

const port = () => Number(new URL(url).port);
/** A connection that says this much, and no more. */
const halfOpen = (text: string) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connectTcp(port(), "127.0.0.1", () => {
      socket.write(text);
      resolve(socket);
    });
    socket.on("error", reject);
    socket.resume();
  });
const ended = (socket: Socket) => new Promise<void>((resolve) => socket.on("close", () => resolve()));

const ticketOf = async () => {
  const answer = await fetch(`${url}/v1/tickets`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
  });
  return (await answer.json() as { ticket: string }).ticket;
};
/** `welcome`, or the code with which it was closed. */
const withTicket = (ticket: string) =>
  new Promise<string>((resolve) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/realtime?ticket=${ticket}`);
    socket.on("message", (data) => {
      const { type, code } = JSON.parse(String(data));
      resolve(code ?? type);
      socket.terminate();
    });
    socket.on("error", () => resolve("no answer"));
  });

const outDir = mkdtempSync(join(tmpdir(), "heddle-gateway-"));
afterAll(() => rmSync(outDir, { recursive: true }));
/** The gateway from its sources, and as a container runs it. */
const RUNTIMES = {
  Deno: (env: Record<string, string>) => runDeno(["gateway/main.ts"], env),
  Node(env: Record<string, string>) {
    spawnSync(process.execPath, ["scripts/build_gateway.mjs", outDir]);
    return runNode([join(outDir, "main.mjs")], env);
  },
};

describe.each(Object.entries(RUNTIMES))("a gateway on %s", (_, run) => {
  beforeAll(async () => {
    database = await createDatabase();
    key = await makeEventKey(database.sql);
    gateway = run({
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
    let most = 0;
    for (let n = 0; n < 400 && ((await counts()).connections ?? 0) > 1; n++) {
      await database
        .sql`select heddle.log_event(${DEMO_ORG}, null, array['test', 'thing', 'changed', 'big'], 'thing.changed',
      null, jsonb_build_object('text', repeat('x', 60000)))`;
      most = Math.max(most, memory());
    }
    await isWell();
    for (const socket of sockets) socket.terminate();
    await expect.poll(() => memory() - before).toBeLessThan(150);
    expect(most).toBeLessThan(300);
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
    const channels = () => Array.from({ length: 50 }, () => `conversation:${randomUUID()}`);
    const answers = await Promise.all(
      clients.map((client) => client.ask({ type: "subscribe", channels: channels() })),
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
      socket.send(
        JSON.stringify({ type: "subscribe", topics: [ALL], channels: [`conversation:${randomUUID()}`] }),
      );
      if (at % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      if (at % 2 === 0) socket.close();
      else socket.terminate();
      await closed;
    });
    await isWell();
    // A subscription is six tokens, of which the good one's are left.
    expect(await counts()).toMatchObject({ trieNodes: 6, sessions: 0 });
    await expect.poll(() => memory() - before).toBeLessThan(60);
    expect(gateway.output()).not.toMatch(/failed|crashed|hdl_/);
  });

  it("a thousand connections that say nothing, or not all, keep nobody waiting, and are ended", async () => {
    const before = memory();
    const beginnings = [
      "",
      "GET /v1/realtime HTTP/1.1\r\nhost: a\r\n",
      "POST /v1/tickets HTTP/1.1\r\ncontent-le",
    ];
    const sockets: Socket[] = [];
    await inBatches(HALF_OPEN, async (at) => {
      sockets.push(await halfOpen(beginnings[at % beginnings.length] ?? ""));
    });
    const all = Promise.all(sockets.map(ended));
    await isWell();
    await expect.poll(() => memory() - before).toBeLessThan(60);
    await all;
    await isWell();
  }, 60_000);

  it("a request whose headers come one by one is ended, however busy it looks", async () => {
    const socket = await halfOpen("GET /v1/events HTTP/1.1\r\nhost: a\r\n");
    let lines = 0;
    const timer = setInterval(() => socket.write(`x-${lines++}: 1\r\n`), 250);
    socket.on("error", () => undefined);
    await ended(socket);
    clearInterval(timer);
    await isWell();
  }, 60_000);

  it("a ticket that was stolen opens one connection, of however many that bring it at once", async () => {
    const ticket = await ticketOf();
    const answers = await Promise.all(Array.from({ length: THIEVES }, () => withTicket(ticket)));
    expect(answers.filter((each) => each === "welcome")).toHaveLength(1);
    const refused = answers.filter((each) => each !== "welcome");
    expect(refused.every((each) => ["unauthorized", "rate_limited"].includes(each))).toBe(true);
    expect(["unauthorized", "rate_limited"]).toContain(await withTicket(ticket));
    await isWell();
  });

  it("whoever tries tickets is soon told to wait, and those who have one are not", async () => {
    const ticket = await ticketOf();
    await inBatches(4 * THIEVES, async (at) => void await withTicket(`guess-${at}`));
    expect(await withTicket("guess")).toBe("rate_limited");
    expect(await withTicket(ticket)).toBe("welcome");
    await isWell();
  });

  it("of a flood of tickets nothing stays", async () => {
    const before = memory();
    await inBatches(TICKETS, async () => void await ticketOf());
    await expect.poll(() => memory() - before).toBeLessThan(60);
    await database.sql`update heddle.event_tickets set expires_at = now() - interval '1 second'`;
    await ticketOf();
    const [left] = await database.sql`select count(*)::integer as tickets from heddle.event_tickets`;
    expect(left).toEqual({ tickets: 1 });
    await isWell();
  });
});
