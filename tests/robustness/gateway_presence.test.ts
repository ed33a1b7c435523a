import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { DEMO_ORG, makeEventKey } from "../support/event_readers.ts";
import { connect } from "../support/gateway_client.ts";
import { type JsonProcess, runDeno } from "../support/process.ts";

const OLGA = "10000000-0000-4000-8000-000000000001";
/** A lease lasts 40 s, and gateways look every 20 s. */
const LEAST_MS = 20_000;
const MOST_MS = 65_000;
const SECOND = { timeout: MOST_MS, interval: 100 };

let database: TestDatabase;
const gateways: JsonProcess[] = [];
beforeAll(async () => {
  database = await createDatabase();
  await database.sql`
    insert into heddle.members (org_id, user_id, name, role) values (${DEMO_ORG}, ${OLGA}, 'Olga', 'operator')`;
});
afterAll(async () => {
  for (const each of gateways) await each.stop();
  await database.drop();
});

async function start(): Promise<{ process: JsonProcess; url: string }> {
  const process = runDeno(["gateway/main.ts"], {
    SUPABASE_DB_URL: database.url,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_PUBLISHABLE_KEY: "none",
    HEDDLE_GATEWAY_PORT: "0",
  });
  gateways.push(process);
  return { process, url: `http://127.0.0.1:${await process.event<number>("listening")}` };
}

async function app(url: string) {
  const ticket = randomUUID();
  const hash = createHash("sha256").update(ticket).digest("hex");
  await database.sql`select heddle_api.give_ticket(${hash}, null, ${OLGA}, null)`;
  return await connect(url, { query: `ticket=${ticket}` });
}

it(
  "a member whose gateways are killed one after the other is offline once, some time after the last",
  async () => {
    const [first, second, third] = [await start(), await start(), await start()];
    const witness = await connect(third.url, { token: await makeEventKey(database.sql) });
    await witness.ask({ type: "subscribe", channel: `user:${OLGA}` });
    const told = () => witness.events().map(({ type }) => type);
    for (const { url } of [first, second]) (await app(url)).closed.catch(() => undefined);
    await expect.poll(told).toEqual(["user:online"]);
    first.process.child.kill("SIGKILL");
    // The other renews it meanwhile.
    await new Promise((resolve) => setTimeout(resolve, MOST_MS));
    expect(told()).toEqual(["user:online"]);
    const from = performance.now();
    second.process.child.kill("SIGKILL");
    await expect.poll(told, SECOND).toEqual(["user:online", "user:offline"]);
    expect(performance.now() - from).toBeGreaterThan(LEAST_MS - 5_000);
    await new Promise((resolve) => setTimeout(resolve, LEAST_MS));
    expect(told()).toEqual(["user:online", "user:offline"]);
    witness.drop();
  },
  4 * MOST_MS,
);
