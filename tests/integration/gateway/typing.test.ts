import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { DEMO_AGENT } from "../../../local/demo_agent.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";

let database: TestDatabase;
let gateway: TestGateway;
let conversation: string;
beforeAll(async () => {
  database = await createDatabase();
  gateway = await startTestGateway({ databaseUrl: database.url });
  const [row] = await database.sql`select heddle_api.store_post(
    ${DEMO_AGENT.id}, 'ada', null, gen_random_uuid(), 'Hello') as posted`;
  conversation = row?.posted.conversationId ?? "";
});
afterEach(() => expect(gateway.logged).toEqual([]));
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

it("typing is told to whoever hears of the conversation, to its visitor and the team, and kept by nobody", async () => {
  expect(conversation).not.toBe("");
  const key = await makeEventKey(database.sql);
  const [teller, hearer] = [await gateway.connect(key), await gateway.connect(key)];
  const channel = `conversation:${conversation}`;
  for (const each of [teller, hearer]) await each.ask({ type: "subscribe", channel });
  expect(await teller.ask({ type: "publish", channel, event: "typing", data: { name: "Bot" } }))
    .toMatchObject({
      type: "published",
    });
  await expect.poll(() => hearer.events().filter(({ id }) => id === undefined)).toEqual([{
    type: "typing",
    channel,
    data: { conversationId: conversation, role: "AGENT", name: "Bot" },
  }]);
  expect(teller.events().filter(({ id }) => id === undefined)).toEqual([]);
  expect(await database.sql`select 1 from heddle.events where event = 'typing'`).toHaveLength(0);
  for (const each of [teller, hearer]) each.drop();
});

it("nobody tells it of a conversation that they may not read, or without the scope to write", async () => {
  const frame = { type: "publish", channel: `conversation:${conversation}`, event: "typing" };
  const reader = await gateway.connect(await makeEventKey(database.sql, { scopes: ["events:read"] }));
  expect(await reader.ask(frame)).toMatchObject({ code: "forbidden" });
  const writer = await gateway.connect(await makeEventKey(database.sql));
  const foreign = "c1000000-0000-4000-8000-000000000001";
  expect(await writer.ask({ ...frame, channel: `conversation:${foreign}` })).toMatchObject({
    code: "forbidden",
  });
  expect(await writer.ask({ ...frame, channel: "conversation:no-uuid" })).toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining("uuid"),
  });
  expect(await writer.ask({ ...frame, event: "message:new" })).toMatchObject({ code: "invalid_request" });
  for (const each of [reader, writer]) each.drop();
});

it.each(["\0", "\ud83d", "\udc4b"])(
  "%j is refused in whatever a frame carries, and the connection stays",
  async (sign) => {
    const writer = await gateway.connect(await makeEventKey(database.sql));
    const frame = { type: "publish", channel: `conversation:${conversation}`, event: "typing" };
    const bad = [
      { ...frame, data: { name: `Bo${sign}` } },
      { ...frame, channel: `conversation:${sign}` },
      { type: "subscribe", channel: `conversation:${sign}` },
      { type: "subscribe", topics: [`events.*.a.b.c.${sign}`] },
      { type: "unsubscribe", channels: [`user:${sign}`] },
      { type: "subscribe", since: `a${sign}` },
    ];
    for (const each of bad) {
      expect(await writer.ask(each), JSON.stringify(each)).toMatchObject({ code: "invalid_request" });
    }
    expect(await writer.ask({ type: "subscribe", ref: sign, event: sign })).toMatchObject({
      type: "subscribed",
    });
    expect(await writer.ask({ ...frame, data: { name: "Bo" } })).toMatchObject({ type: "published" });
    writer.drop();
  },
);

it("a name is cut between two characters, and what is no text is none", async () => {
  const key = await makeEventKey(database.sql);
  const [teller, hearer] = [await gateway.connect(key), await gateway.connect(key)];
  const channel = `conversation:${conversation}`;
  await hearer.ask({ type: "subscribe", channel, event: "typing" });
  const heard = () => hearer.events().map(({ data }) => data?.name);
  const typing = (name: unknown) => teller.ask({ type: "publish", channel, event: "typing", data: { name } });
  expect(await typing(`${"x".repeat(119)}👋`)).toMatchObject({ type: "published" });
  await expect.poll(heard).toEqual(["x".repeat(119)]);
  expect(await typing(7)).toMatchObject({ type: "published" });
  await expect.poll(heard).toEqual(["x".repeat(119), undefined]);
  for (const each of [teller, hearer]) each.drop();
});
