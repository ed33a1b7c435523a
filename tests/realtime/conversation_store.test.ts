import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient, joined } from "./support/client.ts";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { tokenFor } from "./support/tokens.ts";

const AGENT = "a0000000-0000-4000-8000-000000000001";
const OWNER = "10000000-0000-4000-8000-000000000001";
const OPERATOR = "10000000-0000-4000-8000-000000000002";
const STRANGER = "10000000-0000-4000-8000-000000000009";

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime({});
  for (const [id, role] of [[OWNER, "owner"], [OPERATOR, "operator"]] as const) {
    await server.database.sql`select heddle_api.invite_member(${AGENT}, ${id}, ${role}, null, ${role})`;
  }
});
afterAll(() => server.stop());

async function post(conversation: string | null, body: string) {
  const [row] = await server.database.sql`
    select heddle_api.store_post(${AGENT}, 'u1', ${conversation}, gen_random_uuid(), ${body}) as answer`;
  return row?.answer;
}

async function operatorClient(userId: string) {
  const client = createClient(server);
  await client.setAuth(await tokenFor("authenticated", { sub: userId }));
  return client;
}

const inbox = (epoch: number) => `agent-${AGENT}-inbox-${epoch}`;

test("a visitor's message is heard by the visitor and the team, and after a removal by who is left", async () => {
  const { conversationId, conversationChannel, listChannel } = await post(null, "Hello");
  const visitor = createClient(server);
  const thread = await joined(visitor, conversationChannel);
  const list = await joined(visitor, listChannel);
  const owner = await operatorClient(OWNER);
  const dismissed = await operatorClient(OPERATOR);
  const ownersInbox = await joined(owner, inbox(1));
  const dismissedsInbox = await joined(dismissed, inbox(1));

  await post(conversationId, "Anybody there?");
  expect((await thread.messages.next()).payload).toMatchObject({ type: "message:new", data: { seq: 2 } });
  expect((await list.messages.next()).payload).toMatchObject({ type: "events" });
  const heard = { data: { events: [{ type: "message:new", data: { rev: 2 } }, {}, {}] } };
  expect((await ownersInbox.messages.next()).payload).toMatchObject(heard);
  expect((await dismissedsInbox.messages.next()).payload).toMatchObject(heard);
  expect(await server.database.sql`select from realtime.messages`).toHaveLength(0);

  await server.database.sql`select heddle_api.remove_member(${AGENT}, ${OPERATOR})`;
  const moved = { type: "inbox:moved", data: { epoch: 2 } };
  expect((await dismissedsInbox.messages.next()).payload).toMatchObject(moved);
  expect((await ownersInbox.messages.next()).payload).toMatchObject(moved);
  const next = await joined(owner, inbox(2));
  await post(conversationId, "Hello?");
  expect((await next.messages.next()).payload).toMatchObject({
    data: { events: [{ type: "message:new", data: { rev: 3 } }, {}, {}] },
  });
  // A channel that is sent to afterwards shows that nothing came before.
  await server.database.sql`select realtime.send('{"last": true}', 'x', ${inbox(1)}, true)`;
  expect((await dismissedsInbox.messages.next()).payload).toMatchObject({ last: true });
  await Promise.all([visitor, owner, dismissed].map((client) => client.removeAllChannels()));
});

test("strangers, the dismissed and the anonymous are refused", async () => {
  const raw = await RawClient.open(server);
  for (const userId of [STRANGER, OPERATOR]) {
    const access_token = await tokenFor("authenticated", { sub: userId });
    const { reply } = await raw.join(inbox(2), { private: true }, { access_token });
    expect(reply).toMatchObject({ status: "error" });
  }
  expect((await raw.join(inbox(2), { private: true })).reply).toMatchObject({ status: "error" });
  await raw.close();
});
