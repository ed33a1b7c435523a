import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";
import type { Frame, GatewayClient } from "../../support/gateway_client.ts";
import { AGENT, OLGA, ORG, useStore } from "../database/conversation_store.ts";

const store = useStore();
let gateway: TestGateway;
/** Another one on the same database, without any bus between them. */
let other: TestGateway;
let conversation: string;
let channel: string;
let clients: GatewayClient[];
beforeAll(async () => {
  gateway = await startTestGateway({ databaseUrl: store.url });
  other = await startTestGateway({ databaseUrl: store.url });
});
beforeEach(async () => {
  await store.sql`delete from heddle.rate_buckets`;
  conversation = await store.begin();
  channel = `conversation:${conversation}`;
  const key = await makeEventKey(store.sql);
  clients = [await gateway.connect(key), await other.connect(key)];
});
afterEach(() => {
  for (const each of clients) each.drop();
  expect([...gateway.logged, ...other.logged]).toEqual([]);
});
afterAll(async () => {
  await Promise.all([gateway.stop(), other.stop()]);
});

const passing = (client: GatewayClient) => client.events().filter(({ id }) => id === undefined);
const typing = (data: Record<string, unknown>) => ({
  type: "typing",
  channel,
  data: { conversationId: conversation, ...data },
});
async function subscribe(frame: Record<string, unknown>) {
  for (const client of clients) await client.ask({ type: "subscribe", ...frame });
}
async function begin(): Promise<number> {
  const [row] = await store.sql`select heddle_api.stream_begin(
    ${conversation}, gen_random_uuid(), ${randomUUID()}, 'Fern bot', 'A ') as begun`;
  return row?.begun.seq;
}
const grow = (seq: number, index: number, offset: number, delta: string) =>
  store.sql`select heddle_api.stream_tell(${conversation}, 'message_stream', ${
    store.sql.json({ conversationId: conversation, messageId: String(seq), index, offset, delta })
  })`;

describe("an app at any gateway hears", () => {
  it("that a visitor is typing", async () => {
    await subscribe({ channel, event: "typing" });
    await store.visitor("store_typing", {
      p_agent_id: AGENT,
      p_end_user: "u1",
      p_conversation_id: conversation,
    });
    for (const client of clients) {
      await expect.poll(() => passing(client)).toEqual([typing({ role: "USER" })]);
    }
  });

  it("that an operator is typing, in the inbox", async () => {
    await subscribe({ channel });
    await store.operator(OLGA, "inbox_typing", { p_conversation_id: conversation });
    for (const client of clients) {
      await expect.poll(() => passing(client)).toEqual([typing({ role: "AGENT", name: "Olga" })]);
    }
  });

  it("that another app is typing, which does not hear itself", async () => {
    await subscribe({ channel });
    await clients[0]?.ask({ type: "publish", channel, event: "typing", data: { name: "Bot" } });
    await expect.poll(() => passing(clients[1] as GatewayClient)).toEqual([
      typing({ role: "AGENT", name: "Bot" }),
    ]);
    expect(passing(clients[0] as GatewayClient)).toEqual([]);
  });

  it("each piece by which a message grows, in its place between the events of the log", async () => {
    await subscribe({ channel });
    const seq = await begin();
    await grow(seq, 0, 2, "royal ");
    await grow(seq, 1, 8, "🌿 ");
    await store.sql`select heddle_api.stream_grow(${conversation}, ${seq}, 2, 2, 'royal 🌿 fern')`;
    await store.sql`select heddle_api.stream_end(${conversation}, ${seq}, 'A royal 🌿 fern.', 'stop')`;
    for (const client of clients) {
      const told = () =>
        client.events().filter(({ type, data }) => type.startsWith("message") && data?.role !== "USER");
      await expect.poll(() => told().at(-1)?.type).toBe("message:updated");
      expect(told().map(({ type }) => type)).toEqual([
        "message:new",
        ...Array(4).fill("message_stream"),
        "message:updated",
      ]);
      expect(told()[0]?.data).toMatchObject({ status: "streaming", content: "A ", id: String(seq) });
      expect(passing(client).map(({ data }) => [data?.messageId, data?.offset, data?.delta, data?.done]))
        .toEqual([
          [String(seq), 2, "royal ", undefined],
          [String(seq), 8, "🌿 ", undefined],
          [String(seq), 2, "royal 🌿 fern", undefined],
          [String(seq), 15, "", "stop"],
        ]);
    }
  });

  it("the same of a room, on the room's channel", async () => {
    const [row] = await store.sql`
      update heddle.conversations set kind = 'room', name = 'Team' where id = ${conversation} returning id`;
    await subscribe({ channel: `room:${row?.id}` });
    await clients[0]?.ask({ type: "publish", channel: `room:${row?.id}`, event: "typing" });
    await expect.poll(() => passing(clients[1] as GatewayClient)).toMatchObject([{
      type: "typing",
      channel: `room:${row?.id}`,
    }]);
  });
});

it("who subscribes to its type alone, or to all there is, hears it once", async () => {
  const [first, second] = clients as [GatewayClient, GatewayClient];
  await first.ask({ type: "subscribe", channel, event: "message_stream" });
  await first.ask({ type: "subscribe", topic: `events.${ORG}.*.*.message_stream.*` });
  await second.ask({ type: "subscribe" });
  const seq = await begin();
  await grow(seq, 0, 2, "fern");
  for (const client of [first, second]) {
    await expect.poll(() => passing(client).map(({ data }) => data?.delta)).toEqual(["fern"]);
  }
});

it("nobody hears what is of another agent, conversation or organisation", async () => {
  const [witness] = clients as [GatewayClient];
  await witness.ask({ type: "subscribe", channel });
  const agent = randomUUID();
  await store
    .sql`insert into heddle.agents (id, org_id, name) select ${agent}, org_id, 'Other' from heddle.agents
    where id = ${AGENT}`;
  const stranger = randomUUID();
  await store
    .sql`insert into heddle.agents (id, org_id, name) values (${stranger}, gen_random_uuid(), 'Foreign')`;
  const deaf = await Promise.all([agent, stranger].map(async (agentId) => {
    const client = await gateway.connect(await makeEventKey(store.sql, { agentId }));
    await client.ask({ type: "subscribe" });
    await client.ask({ type: "subscribe", channel });
    return client;
  }));
  const elsewhere = await gateway.connect(await makeEventKey(store.sql));
  await elsewhere.ask({ type: "subscribe", channel: `conversation:${await store.begin("eve")}` });
  await store.operator(OLGA, "inbox_typing", { p_conversation_id: conversation });
  await expect.poll(() => passing(witness)).toHaveLength(1);
  for (const each of [...deaf, elsewhere]) {
    await each.ask({ type: "ping" });
    expect(passing(each)).toEqual([] as Frame[]);
    each.drop();
  }
});

it("none of it is kept: not in the log, and in the database no longer than gateways need", async () => {
  await subscribe({ channel });
  await store.operator(OLGA, "inbox_typing", { p_conversation_id: conversation });
  await expect.poll(() => passing(clients[0] as GatewayClient)).toHaveLength(1);
  expect(await store.sql`select 1 from heddle.events where event in ('typing', 'message_stream')`)
    .toHaveLength(0);
  await store.sql`update heddle.ephemeral_events set at = at - interval '11 seconds'`;
  await store.sql`select heddle_api.gateway_here(${randomUUID()}, '{}')`;
  expect(await store.sql`select 1 from heddle.ephemeral_events`).toHaveLength(0);
});

it("nothing is written where no gateway is", async () => {
  const gateways = await store.sql`select * from heddle.gateways`;
  await store.sql`delete from heddle.ephemeral_events`;
  await store.sql`update heddle.gateways set until = now()`;
  await store.operator(OLGA, "inbox_typing", { p_conversation_id: conversation });
  expect(await store.sql`select 1 from heddle.ephemeral_events`).toHaveLength(0);
  expect(gateways.length).toBeGreaterThan(1);
});
