import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";
import type { GatewayClient } from "../../support/gateway_client.ts";

const FOREIGN_ORG = "c0000000-0000-4000-8000-000000000009";
const ALL = `events.${DEMO_ORG}.*.*.*.*`;
const THINGS = `events.${DEMO_ORG}.test.thing.*.*`;

let database: TestDatabase;
let gateway: TestGateway;
let key: string;
const open: GatewayClient[] = [];
beforeAll(async () => {
  database = await createDatabase();
  key = await makeEventKey(database.sql);
  gateway = await startTestGateway({ databaseUrl: database.url });
});
afterEach(() => {
  for (const each of open.splice(0)) each.drop();
});
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

async function connect(token = key) {
  const client = await gateway.connect(token);
  open.push(client);
  return client;
}
const tell = (resourceId: string, n = 1) => addEvent(database.sql, resourceId, n);
const idsOf = (client: GatewayClient) => client.events().map(({ topic }) => topic?.split(".").at(-1));
const NINE = "b0000000-0000-4000-8000-000000000009";
/** An event of a conversation, as the store's triggers write it. */
const post = (conversation: string, type = "message:new") =>
  database.sql`select heddle.log_event(${DEMO_ORG}, null,
    array['conversations', 'conversation', 'message_posted', ${conversation}], ${type}, 'ada',
    ${database.sql.json(type.startsWith("message:") ? HI : { id: conversation })})`;
const HI = {
  conversation_id: NINE,
  id: "1",
  content: "hi",
  role: "USER",
  created_at: "2026-11-29T10:00:00+00:00",
};

describe("a subscriber", () => {
  it("is welcomed, subscribes, and gets an event with its topic and cursor", async () => {
    const client = await connect();
    expect(client.welcome).toMatchObject({
      limits: { subscriptions: 1000, messagesPerSecond: 10 },
      pingSeconds: 25,
    });
    const subscribed = await client.ask({ type: "subscribe", channel: `conversation:${NINE}` });
    expect(subscribed).toEqual({
      type: "subscribed",
      ref: expect.any(String),
      channel: `conversation:${NINE}`,
      resumed: false,
      cursor: expect.any(String),
    });
    await post(randomUUID());
    await post(NINE);
    await expect.poll(() => client.events()).toEqual([{
      type: "message:new",
      channel: `conversation:${NINE}`,
      topic: `events.${DEMO_ORG}.conversations.conversation.message_posted.${NINE}`,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      at: expect.stringMatching(/^\d{4}-/),
      actor: "ada",
      data: HI,
      cursor: expect.any(String),
    }]);
  });

  it("goes on with since where it was, and hears live what happens meanwhile", async () => {
    const first = await connect();
    await first.ask({ type: "subscribe", topic: THINGS });
    await tell("before");
    await expect.poll(() => first.events().at(-1)?.cursor).toBeDefined();
    const since = first.events().at(-1)?.cursor;
    await first.close();
    for (let n = 0; n < 3; n++) await tell(`missed${n}`);
    const second = await connect();
    expect(await second.ask({ type: "subscribe", topic: THINGS, since })).toMatchObject({ resumed: true });
    await tell("live");
    await expect.poll(() => idsOf(second)).toEqual(["missed0", "missed1", "missed2", "live"]);
    expect(second.events().at(-1)?.cursor).toBeDefined();
  });

  it("is told a cursor where nothing was missed", async () => {
    const client = await connect();
    const { cursor } = await client.ask({ type: "subscribe", topic: ALL });
    const again = await connect();
    await again.ask({ type: "subscribe", topic: ALL, since: cursor });
    await expect.poll(() => again.frames.map(({ type }) => type)).toEqual(["subscribed", "cursor"]);
  });

  it("gets an event once that several of its subscriptions mean", async () => {
    const client = await connect();
    const { cursor: since } = await client.ask({ type: "subscribe", topic: ALL });
    await client.ask({ type: "subscribe", topic: THINGS });
    await tell("once");
    await expect.poll(() => idsOf(client)).toEqual(["once"]);
    const again = await connect();
    await again.ask({ type: "subscribe", topic: THINGS, since });
    await again.ask({ type: "subscribe", topic: ALL, since });
    await again.ask({
      type: "subscribe",
      topics: [`events.${DEMO_ORG}.test.*.*.*`],
      channels: [`user:${NINE}`],
      since,
    });
    await tell("after");
    await expect.poll(() => idsOf(again)).toEqual(["once", "after"]);
  });

  it("hears of a conversation that it names in capitals", async () => {
    const id = randomUUID();
    const client = await connect();
    await client.ask({ type: "subscribe", channel: `conversation:${id.toUpperCase()}` });
    await post(id);
    await expect.poll(() => client.events()).toMatchObject([{ channel: `conversation:${id}` }]);
  });

  it.each([
    ["message", ["message:new", "message:updated"]],
    ["message:new", ["message:new"]],
    ["conversation", ["conversation:claimed"]],
    [undefined, ["message:new", "message:updated", "conversation:claimed", "messages.sent"]],
  ])("hears with the event filter %s of %j", async (event, heard) => {
    // What the case before has written may yet be on its way.
    const id = randomUUID();
    const channel = `conversation:${id}`;
    const client = await connect();
    const { cursor: since } = await client.ask({ type: "subscribe", channel, event });
    for (const type of ["message:new", "message:updated", "conversation:claimed", "messages.sent"]) {
      await post(id, type);
    }
    await expect.poll(() => client.events().map(({ type }) => type)).toEqual(heard);
    const again = await connect();
    await again.ask({ type: "subscribe", channel, event, since });
    await expect.poll(() => again.events().map(({ type }) => type)).toEqual(heard);
  });

  it("lists what it subscribed to, and hears no more of what it left", async () => {
    const client = await connect();
    await client.ask({ type: "subscribe", channel: `room:${NINE}`, event: "message" });
    await client.ask({ type: "subscribe", topic: THINGS });
    expect(
      (await client.ask({ type: "list_subscriptions" }) as unknown as { subscriptions: unknown })
        .subscriptions,
    )
      .toEqual([{ channel: `room:${NINE}`, event: "message" }, { topic: THINGS }]);
    expect(await client.ask({ type: "unsubscribe", topic: THINGS })).toMatchObject({
      type: "unsubscribed",
      topic: THINGS,
    });
    await client.ask({ type: "subscribe", channel: `conversation:${NINE}` });
    await tell("unheard");
    await post(NINE);
    await expect.poll(() => client.events().map(({ type }) => type)).toEqual(["message:new"]);
  });

  it("hears of everything where it names nothing", async () => {
    const client = await connect();
    expect(await client.ask({ type: "subscribe" })).toMatchObject({ type: "subscribed", resumed: false });
    await tell("any");
    await post(NINE);
    await expect.poll(() => client.events().map(({ type }) => type)).toEqual([
      "thing.changed",
      "message:new",
    ]);
    expect(await client.ask({ type: "subscribe" })).toMatchObject({ code: "already_subscribed" });
    expect(await client.ask({ type: "unsubscribe" })).toMatchObject({ type: "unsubscribed" });
  });

  it("is answered a ping", async () => {
    const client = await connect();
    expect(await client.ask({ type: "ping" })).toMatchObject({ type: "pong" });
  });
});

describe("a frame", () => {
  it.each([
    [{ type: "subscribe", channel: "inbox:9" }, "invalid_request"],
    [{ type: "subscribe", channel: "conversation:ABC" }, "invalid_request"],
    [{ type: "subscribe", topic: `events.${DEMO_ORG}.rooms.room.*.x` }, "invalid_request"],
    [{ type: "subscribe", topic: "events.*.a.b.c.d" }, "invalid_request"],
    [{ type: "subscribe", topic: `events.${FOREIGN_ORG}.*.*.*.*` }, "forbidden"],
    [{ type: "subscribe", topic: ALL, since: "nonsense" }, "invalid_request"],
    [{ type: "subscribe", topics: [ALL, ALL] }, "already_subscribed"],
    [{ type: "unsubscribe", channel: `room:${NINE}` }, "not_subscribed"],
    [{ type: "fly" }, "unknown_type"],
    [{}, "unknown_type"],
  ])("%j is refused as %s", async (frame, code) => {
    const client = await connect();
    expect(await client.ask(frame)).toMatchObject({ type: "error", code, message: expect.any(String) });
  });

  it("that is no JSON is refused, and ten of them end the connection", async () => {
    const client = await connect();
    for (let n = 0; n < 10; n++) client.send("{");
    expect(await client.closed).toEqual({ code: 4400, reason: "too_many_errors" });
    expect(client.frames[0]).toMatchObject({ type: "error", code: "invalid_json" });
  });

  it("of more than 64 KiB ends the connection", async () => {
    const client = await connect();
    client.send({ type: "ping", ref: "x".repeat(65 * 1024) });
    expect((await client.closed).code).toBe(1009);
  });

  it("too many of which come at once is refused, and with it the connection if it goes on", async () => {
    const client = await connect();
    for (let n = 0; n < 150; n++) client.send({ type: "ping" });
    expect(await client.closed).toEqual({ code: 4429, reason: "too_many_frames" });
    expect(client.frames).toContainEqual({
      type: "error",
      code: "rate_limited",
      message: expect.any(String),
      retryAfter: 1,
    });
  });
});

describe("a cursor", () => {
  it("of another log has expired, and the subscription is none", async () => {
    const client = await connect();
    const { cursor = "" } = await client.ask({ type: "subscribe", channel: `user:${NINE}` });
    const [, snapshot] = Buffer.from(cursor, "base64url").toString().split("~");
    const since = Buffer.from(`0123456789ab~${snapshot}`).toString("base64url");
    expect(await client.ask({ type: "subscribe", topic: ALL, since })).toMatchObject({
      code: "cursor_expired",
    });
    expect(await client.ask({ type: "subscribe", topic: ALL })).toMatchObject({ type: "subscribed" });
  });

  it("between two pages of an answer over HTTP is gone on from, without what was read", async () => {
    const read = async (since: string | null, limit: number) => {
      const [row] = await database.sql`
        select heddle_api.read_events(encode(sha256(${key}::bytea), 'hex'), ${since}, null, ${limit}) as page`;
      return row?.page as { cursor: string; events: { topic: string }[] };
    };
    const { cursor } = await read(null, 1);
    for (let n = 0; n < 5; n++) await tell(`p${n}`);
    const page = await read(cursor, 2);
    const client = await connect();
    await client.ask({ type: "subscribe", topic: ALL, since: page.cursor });
    await expect.poll(() => idsOf(client)).toEqual(["p2", "p3", "p4"]);
  });
});

it("nothing stays of connections that ended", async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect()));
  await Promise.all(
    clients.map((client) => client.ask({ type: "subscribe", topics: [ALL], channels: [`user:${NINE}`] })),
  );
  expect(gateway.counts().trieNodes).toBeGreaterThan(0);
  for (const client of clients) client.drop();
  await expect.poll(() => gateway.counts()).toMatchObject({
    connections: 0,
    readers: 0,
    subscribers: 0,
    subscriptions: 0,
    trieNodes: 0,
  });
  expect(gateway.logged).toEqual([]);
});
