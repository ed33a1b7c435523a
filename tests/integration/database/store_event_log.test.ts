import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { subscriptionData } from "../../../shared/subscription_data.ts";
import { hashOf, makeEventKey } from "../../support/event_readers.ts";
import { AGENT, type Json, OLGA, ORG, PIET, useStore } from "./conversation_store.ts";
import { CHAT, tabContext } from "./tab_call.ts";

const store = useStore();
let key: string;
let cursor: string;
beforeAll(async () => {
  key = await makeEventKey(store.sql, { scopes: ["events:read"] });
});
beforeEach(async () => {
  cursor = "";
  await logged();
  await store.sent();
});

/** What came into the log since the last call. */
async function logged(): Promise<Json[]> {
  const [row] = await store.sql`select heddle_api.read_events(${hashOf(key)}, ${cursor || null}) as page`;
  cursor = row?.page.cursor;
  return row?.page.events;
}

const typesOf = (events: Json[]) => events.map(({ type }) => type);
const post = (endUser: string, id: string | null, body: string, more = {}) =>
  store.visitor("store_post", {
    p_end_user: endUser,
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: body,
    ...more,
  });
const as = (who: string, name: string, args: Record<string, unknown>) => store.operator(who, name, args);

it("a message is logged with what the team was told of it, as subscribers know it", async () => {
  const { conversationId } = await post("u 1", null, "Hello 🌿");
  const [created, posted] = await logged();
  const inbox = (await store.sent()).filter(({ to }) => to === "inbox").flatMap(({ events }) => events);
  const told = inbox.find(({ type }) => type === "message:new");
  expect(posted).toMatchObject({
    v: 1,
    type: "message:new",
    topic: `events.${ORG}.conversations.conversation.message_posted.${conversationId}`,
    actor: "u 1",
    data: { id: "1", conversation_id: conversationId, user_id: "u 1", content: "Hello 🌿", role: "USER" },
  });
  expect(posted.data).toEqual(subscriptionData(told as Json));
  expect(created).toMatchObject({
    type: "conversation:new",
    topic: `events.${ORG}.conversations.conversation.created.${conversationId}`,
    data: { id: conversationId, user_id: "u 1", status: "OPEN", assignee: null },
  });
});

it("a snooze that ends is logged as a reopening, and that somebody has seen it as nothing", async () => {
  const { conversationId } = await post("dozer", null, "Later");
  const about = { p_conversation_id: conversationId };
  await as(OLGA, "inbox_read", { ...about, p_seq: 1 });
  await as(OLGA, "inbox_status", { ...about, p_status: "snoozed", p_seconds: 60 });
  await store.sql`update heddle.conversations set snoozed_until = now() where id = ${conversationId}`;
  await logged();
  await store.sql`select heddle_api.tend_store()`;
  expect(typesOf(await logged())).toEqual(["conversation:reopened"]);
  await as(OLGA, "inbox_read", { ...about, p_seq: 1 });
  const [row] = await store.sql`select snooze_ended from heddle.conversations where id = ${conversationId}`;
  expect([row?.snooze_ended, await logged()]).toEqual([false, []]);
});

const MESSAGE = { id: "1", text: "Hi", role: "USER", createdAt: "2026-01-01T00:00:00Z" };
const META = {
  author: {},
  attachments: [{ url: "https://x.example/a" }],
  blocks: [{ a: null }],
  editedAt: "2026-01-02",
};

it.each([
  ["message:new", { conversationId: "9", message: { ...MESSAGE, meta: META } }],
  ["message:new", {
    conversationId: "9",
    message: { ...MESSAGE, meta: META },
    conversation: { id: "9", psid: "u" },
  }],
  ["message:deleted", {
    conversationId: "9",
    seq: 3,
    message: {
      ...MESSAGE,
      role: "BOT",
      clientId: "c",
      meta: { author: { id: "b", name: "Bo" }, attachments: [] },
    },
    conversation: { id: "9", psid: "u", status: "OPEN", autoBot: true, platform: "WIDGET" },
  }],
  ["conversation:new", { conversation: { id: "9", psid: "u", customerEmail: "a@b.c", pageName: "P" } }],
  ["conversation:updated", { conversationId: "9", id: "9", assignee: null, unread: 3, labels: [] }],
  ["user:offline", { user_id: "a/b", status: "offline", timestamp: "2026-01-01", lastSeenAt: "2026-01-01" }],
  ["notification:new", {
    id: "1",
    userId: "2",
    conversationId: "3",
    rule: "waiting",
    priority: "normal",
    content: "Ada has been waiting for an answer.",
    createdAt: "2026-01-01",
    readAt: null,
    dismissedAt: null,
    since: "2026-01-01",
  }],
])("SQL and TypeScript tell subscribers the same of %s %j", async (type, data) => {
  const [row] = await store.sql`
    select heddle.subscription_data(${type}, ${store.sql.json(data as never)}) as data`;
  expect(row?.data).toEqual(subscriptionData({ type, data }));
});

it("changed and deleted messages are logged, by functions and by plain SQL", async () => {
  const id = await store.begin();
  await logged();
  await store.visitor("store_edit", { p_end_user: "u1", p_conversation_id: id, p_seq: 1, p_body: "Hi" });
  await store.sql`update heddle.messages set deleted_at = now() where conversation_id = ${id}`;
  const [edited, removed] = await logged();
  expect(edited).toMatchObject({
    type: "message:updated",
    data: { content: "Hi", edited_at: expect.any(String) },
  });
  expect(removed).toMatchObject({
    type: "message:deleted",
    topic: expect.stringContaining(".message_removed."),
    data: { content: "", deleted_at: expect.any(String) },
  });
});

it("what becomes of a conversation is logged by its name, with who did it", async () => {
  const id = await store.begin();
  await logged();
  await as(OLGA, "inbox_claim", { p_conversation_id: id });
  await as(OLGA, "inbox_assign", { p_conversation_id: id, p_to: PIET });
  await as(PIET, "inbox_assign", { p_conversation_id: id, p_to: null });
  await as(PIET, "inbox_status", { p_conversation_id: id, p_status: "resolved", p_until: null });
  await post("u1", id, "Again");
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  await as(PIET, "inbox_status", { p_conversation_id: id, p_status: "snoozed", p_until: inAnHour });
  await store.sql`update heddle.conversations set needs_human = true where id = ${id}`;
  await store.sql`update heddle.conversations set name = 'Fern' where id = ${id}`;
  // Who was handed it is told so, and as read once nobody needs to know.
  const isNotice = ({ type }: Json) => type.startsWith("notification:");
  const all = await logged();
  expect(typesOf(all.filter(isNotice))).toEqual(["notification:new", "notification:updated"]);
  const events = all.filter((event: Json) => !isNotice(event));
  expect(typesOf(events)).toEqual([
    "conversation:claimed",
    "conversation:assigned",
    "conversation:released",
    "conversation:resolved",
    "conversation:reopened",
    "message:new",
    "conversation:snoozed",
    "conversation:reopened",
    "conversation:escalated",
    "conversation:updated",
  ]);
  expect(events.slice(0, 3).map(({ actor, data }) => [actor, data.assignee])).toEqual([
    [OLGA, { id: OLGA, name: "Olga" }],
    [OLGA, { id: PIET, name: "Piet" }],
    [PIET, null],
  ]);
  expect(events[1].data.change).toEqual({
    by: "AGENT",
    from: { id: OLGA, name: "Olga" },
    to: { id: PIET, name: "Piet" },
  });
});

it("of two who claim at once one is logged", async () => {
  const id = await store.begin();
  await logged();
  await Promise.allSettled([OLGA, PIET].map((who) => as(who, "inbox_claim", { p_conversation_id: id })));
  expect(typesOf(await logged())).toEqual(["conversation:claimed"]);
});

it("who comes and goes is logged", async () => {
  await as(OLGA, "inbox_here", { p_state: "online" });
  await as(OLGA, "inbox_here", { p_state: "offline" });
  expect((await logged()).map(({ type, topic, data }) => [type, topic, data.status])).toEqual([
    ["user:online", `events.${ORG}.users.user.online.${OLGA}`, "online"],
    ["user:offline", `events.${ORG}.users.user.offline.${OLGA}`, "offline"],
  ]);
});

describe("of a visitor with two widgets", () => {
  const call = (endUserId: string, said: { name?: string; email?: string } | null = null) =>
    tabContext(store.sql, { endUserId, tabId: CHAT, said });
  const lapse = (endUserId: string) =>
    store.sql`update heddle.leases set until = now() - interval '1 second' where key = ${endUserId}`;
  const people = async () => (await logged()).filter(({ topic }) => topic.includes(".users."));

  it("each coming and each going is logged once, however often both call and whoever ends the lease", async () => {
    await store.begin("twice");
    await people();
    for (const _ of ["at once", "again", "after the connection was lost"]) {
      await Promise.all([call("twice"), call("twice")]);
    }
    await lapse("twice");
    await Promise.all([1, 2, 3].map(() => store.sql`select heddle_api.tend_store()`));
    await Promise.all([call("twice"), call("twice")]);
    const events = await people();
    expect(events.map(({ type, data }) => [type, data.user_id])).toEqual([
      ["user:online", `${AGENT}/twice`],
      ["user:offline", `${AGENT}/twice`],
      ["user:online", `${AGENT}/twice`],
    ]);
  });

  it("who comes back before anybody noticed that they were gone has been gone all the same", async () => {
    await store.begin("lapsed");
    await call("lapsed");
    await people();
    await lapse("lapsed");
    await Promise.all([call("lapsed"), call("lapsed")]);
    const events = await people();
    expect(typesOf(events)).toEqual(["user:offline", "user:online"]);
    expect(Date.parse(events[0].data.last_seen_at)).toBeLessThan(Date.now());
    const leases = await store.sql`select until > now() as kept from heddle.leases where key = 'lapsed'`;
    expect(leases).toEqual([{ kept: true }]);
  });

  it("another name and address of their token is logged once, and told to the team", async () => {
    const id = await store.begin("renamed");
    await people();
    await store.sent();
    const said = { name: "Ada\nLovelace", email: "ada@shop.example" };
    await Promise.all([call("renamed", said), call("renamed", said)]);
    await lapse("renamed");
    await call("renamed", said);
    await call("renamed", {});
    const updated = (await people()).filter(({ type }) => type === "user:updated");
    expect(updated).toMatchObject([{
      topic: `events.${ORG}.users.user.updated.${AGENT}%2Frenamed`,
      data: { user_id: `${AGENT}/renamed`, user_name: "Ada Lovelace", user_email: "ada@shop.example" },
    }]);
    const told = (await store.sent()).filter(({ to }) => to === "inbox").flatMap(({ events }) => events)
      .filter(({ type }) => type === "conversation:updated");
    expect(told.map(({ data }) => [data.id, data.customerName])).toEqual([[id, "Ada Lovelace"]]);
  });

  it("what an anonymous one's session might say changes nothing", async () => {
    const anonymous = `anon_${"5".repeat(32)}`;
    await store.begin(anonymous);
    await people();
    await call(anonymous, { name: "Somebody else" });
    expect(typesOf(await people())).toEqual(["user:online"]);
  });
});

it("what could not be broadcast is logged all the same", async () => {
  await store.sql`alter table realtime.messages rename to elsewhere`;
  try {
    const { conversationId } = await post("quiet", null, "Hello");
    await as(OLGA, "inbox_claim", { p_conversation_id: conversationId });
    expect(typesOf(await logged())).toEqual(["conversation:new", "message:new", "conversation:claimed"]);
  } finally {
    await store.sql`alter table realtime.elsewhere rename to messages`;
  }
});

it("a message that is too big for an event goes without its attachments", async () => {
  const attachments = Array.from(
    { length: 40 },
    (_, n) => ({ url: `https://shop.example/${n}/${"x".repeat(1900)}` }),
  );
  const id = await store.begin();
  await logged();
  await store.sql`
    insert into heddle.messages (conversation_id, role, body, attachments)
    values (${id}, 'bot', 'See these', ${store.sql.json(attachments)})`;
  const [posted] = await logged();
  expect(posted.data).toMatchObject({ content: "See these", truncated: true });
  expect(posted.data).not.toHaveProperty("attachments");
});

it("nothing is logged of agents whose events nobody may read", async () => {
  await store
    .sql`update heddle.api_keys set revoked_at = now() where scopes && array['events:read', 'events:write']`;
  const id = await store.begin("unread");
  await as(OLGA, "inbox_claim", { p_conversation_id: id });
  await store.sql`update heddle.api_keys set revoked_at = null`;
  expect(await logged()).toEqual([]);
});

it("nothing stays in the log of a visitor who is erased, but that their conversations are gone", async () => {
  const id = await store.begin("gone", "My secret");
  await store.visitor("store_list", { p_end_user: "gone" });
  await store.visitor("store_erase", { p_end_user: "gone" });
  expect(await logged()).toEqual([expect.objectContaining({ type: "conversation:deleted", data: { id } })]);
  const [left] = await store.sql`
    select count(*)::integer as count from heddle.events where event::text || data::text ~ 'secret|gone'`;
  expect(left?.count).toBe(0);
});

it("nothing stays in the log of an agent that is removed", async () => {
  await store.begin("last");
  await store.sql`delete from heddle.agents where id = ${AGENT}`;
  const [left] = await store.sql`select count(*)::integer as count from heddle.events`;
  expect(left?.count).toBe(0);
});
