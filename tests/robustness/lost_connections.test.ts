import { setTimeout as delay } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createClient, joined, type Subscription } from "../realtime/support/client.ts";
import { visitorTopic } from "../realtime/support/topics.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { type OwnCluster, startOwnCluster } from "./support/own_cluster.ts";

const CALLERS = 12;
const JOINERS = 4;
/** Postgres is there for so long before it crashes again: some connections stand by then, others are being made. */
const TIMES_UP_MS = [400, 0, 30, 150, 300];
const AWAY_MS = 100;
/** Less than a connection may take that waits for its time-out. */
const WELL_AGAIN_MS = 12_000;

let cluster: OwnCluster;
let stack: TestStack;
beforeAll(async () => {
  cluster = await startOwnCluster();
  stack = await startStack({ cluster });
  await stack.sql`
    create function public.slow() returns int language sql volatile as 'select 1 from pg_sleep(0.05)'`;
  await stack.sql`grant execute on function public.slow() to service_role`;
});
afterAll(async () => {
  await stack?.stop();
  await cluster?.stop();
});

/** What a caller of the RPC endpoint gets: a status, 0 if nobody answers. */
function call(): Promise<number> {
  return fetch(`${stack.apiUrl}/rest/v1/rpc/slow`, {
    method: "POST",
    headers: { apikey: stack.secretKey, "content-type": "application/json" },
    body: "{}",
  }).then(({ status }) => status, () => 0);
}

function join(topic: string): Promise<Subscription> {
  const wsUrl = `${stack.apiUrl.replace("http", "ws")}/realtime/v1`;
  const client = createClient({ wsUrl } as Parameters<typeof createClient>[0], {
    token: stack.publishableKey,
  });
  return joined(client, topic).catch(async (error: unknown) => {
    await client.disconnect();
    throw error;
  });
}

async function joinAndLeave(): Promise<void> {
  try {
    const { channel } = await join(visitorTopic());
    await channel.socket.disconnect();
  } catch {
    await delay(20); // the database is away
  }
}

it("a Postgres that crashes again and again, while it is asked and joined, ends no process and no connection for good", async () => {
  let isOver = false;
  const repeat = async (task: () => Promise<unknown>) => {
    while (!isOver) await task();
  };
  const users = [
    ...Array.from({ length: CALLERS }, () => repeat(call)),
    ...Array.from({ length: JOINERS }, () => repeat(joinAndLeave)),
  ];
  for (const ms of TIMES_UP_MS) {
    await delay(ms);
    await cluster.crash(() => delay(AWAY_MS));
  }
  isOver = true;
  await Promise.all(users);

  expect(await stack.realtime()).toHaveProperty("sockets");
  const answers = await Promise.all(Array.from({ length: 2 * CALLERS }, call));
  expect(new Set(answers)).toEqual(new Set([200]));

  const topic = visitorTopic();
  const { channel, messages } = await join(topic);
  const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => undefined });
  await vi.waitFor(async () => { // what is sent before Realtime listens again is lost
    await sql`select realtime.send(${sql.json({ n: 1 })}, 'refresh', ${topic}, true)`;
    const heard = await Promise.race([messages.next(), delay(500, "nothing")]);
    expect(heard).toMatchObject({ payload: { n: 1 } });
  }, { timeout: WELL_AGAIN_MS, interval: 1 });
  await Promise.all([channel.socket.disconnect(), sql.end({ timeout: 1 })]);
});
