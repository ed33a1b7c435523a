import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../support/event_readers.ts";
import { createGenerator } from "../support/generator.ts";
import { type JsonProcess, runDeno } from "../support/process.ts";
import { Follower, pause } from "./gateway_chaos/follower.ts";
import { prepare, writeOn } from "./gateway_chaos/writers.ts";
import { type OwnCluster, startOwnCluster } from "./support/own_cluster.ts";

const SEED = Number(process.env.ROBUSTNESS_SEED) || randomInt(1_000_000);
const FOLLOWERS = 12;
const WRITERS = 6;
/** Of (follower, event). */
const LEAST_TOLD = 10_000;
const THINGS = `events.${DEMO_ORG}.test.thing.*.*`;
const hasNats = spawnSync("nats-server", ["--version"]).status === 0;

let cluster: OwnCluster;
let database: TestDatabase;
/** Below what outgoing connections get, since they are started again at the same. */
const base = randomInt(20_000, 31_000);
const ports = [base, base + 1];
const natsPort = base + 2;
const gateways: JsonProcess[] = [];
let nats: ChildProcess | null = null;

beforeAll(async () => {
  cluster = await startOwnCluster();
  database = await createDatabase(cluster);
  await prepare(database.sql);
  if (hasNats) nats = await startNats();
  await Promise.all(ports.map((_, at) => startGateway(at)));
});
afterAll(async () => {
  for (const each of gateways) each.child.kill("SIGKILL");
  nats?.kill("SIGKILL");
  await cluster?.stop();
});

async function startGateway(at: number): Promise<void> {
  const gateway = runDeno(["gateway/main.ts"], {
    SUPABASE_DB_URL: database.url,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_PUBLISHABLE_KEY: "none",
    HEDDLE_GATEWAY_PORT: String(ports[at]),
    ...(hasNats ? { HEDDLE_GATEWAY_BUS: "nats", NATS_URL: `nats://127.0.0.1:${natsPort}` } : {}),
  });
  gateways[at] = gateway;
  await gateway.event("listening");
}

async function startNats(): Promise<ChildProcess> {
  const child = spawn("nats-server", ["-a", "127.0.0.1", "-p", String(natsPort)], { stdio: "ignore" });
  await once(child, "spawn");
  return child;
}

async function killGateway(at: number): Promise<void> {
  const { child } = gateways[at] as JsonProcess;
  child.kill("SIGKILL");
  await once(child, "exit");
  await pause(200);
  await startGateway(at);
}

async function restartNats(): Promise<void> {
  if (!nats) return;
  nats.kill("SIGKILL");
  await once(nats, "exit");
  await pause(500);
  nats = await startNats();
}

function judge(follower: Follower, written: string[]) {
  const ids = new Set(follower.got.map(({ id }) => id));
  const latest = new Map<string, number>();
  let orderBreaks = 0;
  for (const { resourceId, n } of follower.got) {
    if (n < (latest.get(resourceId) ?? 0)) orderBreaks++;
    latest.set(resourceId, n);
  }
  return {
    missing: written.filter((id) => !ids.has(id)).length,
    twice: follower.got.length - ids.size,
    orderBreaks,
    expired: follower.expired,
  };
}

it("every follower gets every event once and in order, whatever is killed, restarted and dropped meanwhile", async () => {
  const token = await makeEventKey(database.sql);
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const follow = (seed: number, keepsIds: boolean) =>
    new Follower({ urls, token, topic: THINGS, generator: createGenerator(seed), keepsIds });
  const followers = Array.from({ length: FOLLOWERS }, (_, at) => follow(SEED + at, true));
  // Wrong, to show that it would be noticed.
  const careless = Array.from({ length: 4 }, (_, at) => follow(SEED - 1 - at, false));
  await Promise.all([...followers, ...careless].map((each) => each.start()));

  let isOver = false;
  const writers = Array.from(
    { length: WRITERS },
    (_, at) => writeOn(database.adminUrl, createGenerator(SEED + 100 + at), () => isOver),
  );
  // One that is open almost all the time.
  const long = postgres(database.url, { max: 1, onnotice: () => undefined, fetch_types: false });
  for (
    const fault of [
      () => killGateway(0),
      () => restartNats(),
      () => killGateway(1),
      () => cluster.restart(() => pause(500)),
      () => long.unsafe("begin").then(() => addEvent(long, "long")),
      () => killGateway(0),
      () => cluster.crash(() => pause(300)),
      () => restartNats(),
      () => killGateway(1),
    ]
  ) {
    await pause(1_500);
    await fault();
  }
  const least = Math.ceil(LEAST_TOLD / FOLLOWERS);
  await expect.poll(() => Math.min(...followers.map(({ got }) => got.length))).toBeGreaterThan(least);
  isOver = true;
  await Promise.all(writers);
  await long.end({ timeout: 0 });
  for (const each of [...followers, ...careless]) each.stayUp();

  const sql = postgres(database.adminUrl, { max: 1, onnotice: () => undefined });
  const written = (await sql<{ id: string }[]>`select id from heddle.events where source = 'test'`).map((
    { id },
  ) => id);
  await expect.poll(() => followers.every(({ got }) => got.length >= written.length)).toBe(true);
  await pause(1_000);
  await Promise.all([...followers, ...careless].map((each) => each.stop()));
  await sql.end();

  const told = followers.map((each) => judge(each, written));
  const resumes = followers.reduce((sum, each) => sum + each.resumes, 0);
  const repeated = careless.reduce((sum, each) => sum + judge(each, written).twice, 0);
  console.log(JSON.stringify({ seed: SEED, nats: hasNats, events: written.length, resumes, repeated }));
  expect(told).toEqual(Array(FOLLOWERS).fill({ missing: 0, twice: 0, orderBreaks: 0, expired: 0 }));
  expect(written.length * FOLLOWERS).toBeGreaterThan(LEAST_TOLD);
  expect(repeated).toBeGreaterThan(0);
  for (const url of urls) {
    await expect.poll(async () => await (await fetch(`${url}/metrics`)).json()).toMatchObject({
      connections: 0,
      subscriptions: 0,
      trieNodes: 0,
      readers: 0,
    });
  }
});
