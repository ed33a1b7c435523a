import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { connect as openNats } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_AGENT } from "../../local/demo_agent.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";

const THINGS = `events.${DEMO_ORG}.test.thing.*.*`;
/** So rarely does one of these gateways look by itself, in milliseconds: not while this file runs. */
const RARELY = 3_600_000;
/** Until the bus is there nobody is rung: another try follows then. */
const ONE_TRY = { timeout: 3_000, interval: 10 };
const hasNats = spawnSync("nats-server", ["--version"]).status === 0;

describe.skipIf(!hasNats)("gateways on NATS", () => {
  const port = randomInt(20_000, 31_000);
  const natsUrl = `nats://127.0.0.1:${port}`;
  let nats: ChildProcess;
  let database: TestDatabase;
  let rare: TestGateway;
  let eager: TestGateway;
  let key: string;
  beforeAll(async () => {
    database = await createDatabase();
    key = await makeEventKey(database.sql);
    // The bus comes after them.
    rare = await startTestGateway({ databaseUrl: database.url, pollMs: RARELY, natsUrl });
    eager = await startTestGateway({ databaseUrl: database.url, pollMs: 20, natsUrl });
    nats = await startNats();
  });
  afterAll(async () => {
    await Promise.all([rare.stop(), eager.stop()]);
    nats.kill("SIGKILL");
    await database.drop();
  });

  async function startNats(): Promise<ChildProcess> {
    const child = spawn("nats-server", ["-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    await once(child, "spawn");
    return child;
  }

  /** Told at the one that looks rarely, since the other has rung. */
  async function isRung(name: string): Promise<void> {
    const client = await rare.connect(key);
    await client.ask({ type: "subscribe", topic: THINGS });
    await addEvent(database.sql, name);
    await expect.poll(() => client.events().map(({ topic }) => topic?.split(".").at(-1)), ONE_TRY).toContain(
      name,
    );
    client.drop();
  }

  it("ring each other, so that nobody waits for their own look", async () => {
    await expect.poll(async () => await isRung("rung").then(() => true, () => false)).toBe(true);
  });

  it("are rung by whoever writes, too", async () => {
    const client = await rare.connect(key);
    await client.ask({ type: "subscribe", topic: THINGS });
    const bell = await openNats({ servers: natsUrl });
    const reads = rare.counts().reads ?? 0;
    bell.publish("heddle.events.doorbell");
    await expect.poll(() => rare.counts().reads, { interval: 10 }).toBeGreaterThan(reads);
    await bell.close();
    client.drop();
  });

  it("tell each other who is typing", async () => {
    const [row] = await database.sql`select heddle_api.store_post(
      ${DEMO_AGENT.id}, 'ada', null, gen_random_uuid(), 'Hello') as posted`;
    const channel = `conversation:${row?.posted.conversationId}`;
    const [hearer, teller] = [await rare.connect(key), await eager.connect(key)];
    await hearer.ask({ type: "subscribe", channel, event: "typing" });
    await teller.ask({ type: "publish", channel, event: "typing", data: { name: "Bot" } });
    await expect.poll(() => hearer.events(), { interval: 10 }).toEqual([{
      type: "typing",
      channel,
      data: { conversationId: row?.posted.conversationId, role: "AGENT", name: "Bot" },
    }]);
    for (const each of [hearer, teller]) each.drop();
  });

  it("replace a session of the other", async () => {
    const first = await rare.connect(key, "session=one");
    const second = await eager.connect(key, "session=one");
    expect(await first.closed).toEqual({ code: 4409, reason: "replaced" });
    expect(await second.ask({ type: "ping" })).toMatchObject({ type: "pong" });
    second.drop();
  });

  it("go on once it is there again, and need it for nothing meanwhile", async () => {
    nats.kill("SIGKILL");
    await once(nats, "exit");
    const client = await eager.connect(key);
    await client.ask({ type: "subscribe", topic: THINGS });
    await addEvent(database.sql, "without");
    await expect.poll(() => client.events(), { interval: 10 }).toHaveLength(1);
    client.drop();
    nats = await startNats();
    await expect.poll(async () => await isRung("again").then(() => true, () => false)).toBe(true);
    expect([...rare.logged, ...eager.logged].join("\n")).not.toMatch(/frame_failed|tail_failed|hdl_/);
  });
});
