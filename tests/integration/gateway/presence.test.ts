import { createHash, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";
import type { GatewayClient } from "../../support/gateway_client.ts";
import { OLGA, PIET, useStore } from "../database/conversation_store.ts";

const THIRD = randomUUID();
const store = useStore();
let gateways: TestGateway[];
/** One at each gateway, of everything about people. */
let witnesses: GatewayClient[];
const open: GatewayClient[] = [];
beforeAll(async () => {
  gateways = await Promise.all([0, 1].map(() => startTestGateway({ databaseUrl: store.url })));
});
beforeEach(async () => {
  const key = await makeEventKey(store.sql);
  witnesses = await Promise.all(gateways.map((each) => each.connect(key)));
  for (const each of witnesses) await each.ask({ type: "subscribe", event: "activity" });
  open.push(...witnesses);
});
afterEach(async () => {
  for (const each of open.splice(0)) each.drop();
  await expect.poll(() => gateways.map((each) => each.counts().connections)).toEqual([0, 0]);
  await here([]);
  await expect.poll(async () => (await store.sql`select from heddle.gateways where users <> '{}'`).length)
    .toBe(0);
  await store.sql`delete from heddle.leases`;
});
afterAll(() => Promise.all(gateways.map((each) => each.stop())));

/** A third gateway says so. */
const here = (users: string[]) => store.sql`select heddle_api.gateway_here(${THIRD}, ${users})`;
/** A member's app, at this gateway. */
async function app(at: number, userId = OLGA): Promise<GatewayClient> {
  const ticket = randomUUID();
  const hash = createHash("sha256").update(ticket).digest("hex");
  await store.sql`select heddle_api.give_ticket(${hash}, null, ${userId}, null)`;
  const client = await (gateways[at] as TestGateway).connect("", `ticket=${ticket}`);
  open.push(client);
  return client;
}
const told = (userId = OLGA) =>
  witnesses.map((each) =>
    each.events().filter(({ data }) => data?.user_id === userId).map(({ type }) => type)
  );
const leaseOf = async () => {
  const [row] = await store.sql`
    select extract(epoch from until - now())::float as seconds, state from heddle.leases where key = ${OLGA}`;
  return row as { seconds: number; state: string } | undefined;
};
/** The least that is left of a lease of so many seconds that began since. */
const leftOf = (seconds: number, since: number) => seconds - (performance.now() - since) / 1000 - 0.1;
/** As if so much time had passed. Whoever comes next has gateways look. */
async function pass(): Promise<void> {
  await store.sql`update heddle.leases set until = now() where key = ${OLGA}`;
  await here([]);
}

it("a member is online with the first of their connections, at whichever gateway, and it is told once", async () => {
  await Promise.all([app(0), app(1), app(0), app(1)]);
  await expect.poll(() => told()).toEqual([["user:online"], ["user:online"]]);
  await here([OLGA]);
  await app(0, PIET);
  await expect.poll(() => told(PIET)).toEqual([["user:online"], ["user:online"]]);
  expect(told()).toEqual([["user:online"], ["user:online"]]);
});

it("they are offline 20 s after the last of them, and it is told once", async () => {
  const begun = performance.now();
  const apps = await Promise.all([app(0), app(1)]);
  await expect.poll(() => told()).toEqual([["user:online"], ["user:online"]]);
  expect((await leaseOf())?.seconds).toBeGreaterThan(leftOf(40, begun));
  apps[0]?.drop();
  await expect.poll(() => gateways[0]?.counts().connections).toBe(1);
  expect((await leaseOf())?.seconds).toBeGreaterThan(leftOf(40, begun));
  const left = performance.now();
  apps[1]?.drop();
  await expect.poll(async () => (await leaseOf())?.seconds).toBeLessThan(20.5);
  expect((await leaseOf())?.seconds).toBeGreaterThan(leftOf(20, left));
  expect(told()).toEqual([["user:online"], ["user:online"]]);
  await Promise.all([pass(), pass(), pass()]);
  await expect.poll(() => told()).toEqual(witnesses.map(() => ["user:online", "user:offline"]));
});

it("they are offline when their gateway was killed, too", async () => {
  const killed = randomUUID();
  await store.sql`select heddle_api.gateway_here(${killed}, ${[OLGA]})`;
  await expect.poll(() => told()).toEqual([["user:online"], ["user:online"]]);
  await store.sql`update heddle.gateways set until = now() where id = ${killed}`;
  await Promise.all([pass(), pass()]);
  await expect.poll(() => told()).toEqual(witnesses.map(() => ["user:online", "user:offline"]));
  const left = await store.sql`select id from heddle.gateways`;
  expect(left.map(({ id }) => id)).not.toContain(killed);
  expect(left).toHaveLength(3);
});

it("who comes back within that has not been away", async () => {
  const first = await app(0);
  await expect.poll(async () => (await leaseOf())?.seconds).toBeGreaterThan(35);
  first.drop();
  await expect.poll(async () => (await leaseOf())?.seconds).toBeLessThan(20.5);
  await app(1);
  await expect.poll(async () => (await leaseOf())?.seconds).toBeGreaterThan(35);
  expect(told()).toEqual([["user:online"], ["user:online"]]);
});

it("an inbox says how they are: away stays away, and an inbox that is closed ends it only for who has no app", async () => {
  await store.operator(OLGA, "inbox_here", { p_state: "away" });
  const phone = await app(0);
  await expect.poll(async () => (await store.sql`select from heddle.gateways where users <> '{}'`).length)
    .toBe(1);
  expect(await leaseOf()).toMatchObject({ state: "away" });
  await store.operator(OLGA, "inbox_here", { p_state: "offline" });
  expect(await leaseOf()).toBeDefined();
  phone.drop();
  await expect.poll(async () => (await store.sql`select from heddle.gateways where users <> '{}'`).length)
    .toBe(0);
  await store.operator(OLGA, "inbox_here", { p_state: "offline" });
  expect(await leaseOf()).toBeUndefined();
  await expect.poll(() => told().map((types) => types.at(-1))).toEqual(["user:offline", "user:offline"]);
});

it("nobody is online by an API key", async () => {
  await app(1, PIET);
  await expect.poll(() => told(PIET)).toEqual([["user:online"], ["user:online"]]);
  expect(await store.sql`select from heddle.leases where key <> ${PIET}`).toHaveLength(0);
});
