import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeEventKey } from "../../support/event_readers.ts";
import { BROWSER_KEYS } from "../../support/push_subscriptions.ts";
import { type Json, OLGA, useStore } from "./conversation_store.ts";
import { CHAT, tabContext } from "./tab_call.ts";

const store = useStore();
let anonymous: string;
let other: string;
beforeAll(async () => {
  await makeEventKey(store.sql, { scopes: ["events:read"] });
  await store.visitor("create_webhook", { p_url: "https://hooks.example/in" });
  await store.visitor("set_rule", { p_rule: "waiting", p_on: true, p_minutes: 1 });
  await store.sql`update heddle.notification_rules set on_since = now() - interval '1 hour'`;
});
beforeEach(async () => {
  await store.sql`delete from heddle.visitors`;
  await store.sql`truncate heddle.events, heddle.deliveries, heddle.erased_visitors, heddle.gone`;
  [anonymous, other] = [someone(), someone()];
});

const someone = () => `anon_${randomBytes(16).toString("hex")}`;
const said = (p_end_user: string, name: string) =>
  store.visitor("store_visitor", {
    p_end_user,
    p_changes: { name, email: `${name.toLowerCase().replaceAll(" ", ".")}@home.example` },
  });
const post = (p_end_user: string, p_conversation_id: string | null, p_body: string) =>
  store.visitor("store_post", {
    p_end_user,
    p_conversation_id,
    p_client_id: randomUUID(),
    p_body,
    p_page: { title: `Page of ${p_body}`, url: "https://shop.example/typed" },
  });
const reply = (p_conversation_id: string, p_body: string) =>
  store.operator(OLGA, "inbox_post", { p_conversation_id, p_client_id: randomUUID(), p_body });
const pushOn = (p_end_user: string, name: string) =>
  store.visitor("store_push_on", {
    p_end_user,
    p_endpoint: `https://push.example/${name}`,
    p_p256dh: BROWSER_KEYS.p256dh,
    p_auth: BROWSER_KEYS.auth,
  });
const signIn = (p_anonymous: string, name: string | null = "Ada Site") =>
  store.visitor("store_sign_in", { p_anonymous, p_end_user: "ada-1", p_visitor: name && { name } });
const erase = (p_end_user: string) => store.visitor("store_erase", { p_end_user });
/** Has what came into the log wait for the webhook. */
const queue = () => store.sql`select heddle_api.deliveries_due()`;

/** By table: how many rows of the schema say one of these words. */
async function rowsThatSay(words: RegExp): Promise<Record<string, number>> {
  const tables = await store.sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'heddle' and tablename !~ '^events_'`;
  const counts = await Promise.all(tables.map(async ({ name }) => {
    const rows = await store.sql.unsafe(
      `select 1 from heddle.${name} t where t::text ~* $1`,
      [words.source],
    );
    return [name, rows.length] as const;
  }));
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** All that an anonymous visitor may leave, with a name of their own in it. */
async function leaves(visitor: string, name: string): Promise<string> {
  const { conversationId: id } = await post(visitor, null, `${name} writes`);
  await said(visitor, `${name} Called`);
  await pushOn(visitor, name.replaceAll(" ", "."));
  await store.sql`
    update heddle.conversations set waiting_since = now() - interval '2 minutes' where id = ${id}`;
  await store.visitor("notify");
  await store.visitor("store_edit", {
    p_end_user: visitor,
    p_conversation_id: id,
    p_seq: 1,
    p_body: `${name} corrects`,
  });
  await store.operator(OLGA, "inbox_note", {
    p_conversation_id: id,
    p_client_id: randomUUID(),
    p_body: `${name} noted`,
  });
  await reply(id, `${name} answered`);
  await tabContext(store.sql, { tabId: CHAT, endUserId: visitor });
  await queue();
  return id;
}

describe("who is erased", () => {
  it("leaves nothing of the time before they signed in, nor of the browsers that they signed in from", async () => {
    const id = await leaves(anonymous, "Typed One");
    await leaves(other, "Typed Two");
    for (const visitor of [anonymous, other]) await signIn(visitor);
    await post("ada-1", id, "Typed no more");
    const { id: room } = await store.visitor("create_room", {
      p_name: "Ferns",
      p_participants: [anonymous, "ada-1", "ben"].map((visitor) => ({ role: "visitor", id: visitor })),
    });
    await post(anonymous, room, "Typed in a room");
    // Signed out, in the same browser.
    await leaves(anonymous, "Typed Three");
    await queue();
    const traces = new RegExp(`typed|Ada Site|ada-1|${anonymous}|${other}`);
    expect(await rowsThatSay(traces)).toMatchObject({
      events: expect.any(Number),
      deliveries: expect.any(Number),
      visitors: 3,
      notifications: expect.any(Number),
      visitor_devices: 1,
      leases: 2,
    });

    expect(await erase("ada-1")).toEqual({ conversations: 3, messages: 8 });
    await queue();
    expect(await rowsThatSay(traces)).toEqual({ erased_visitors: 2 });
    expect(await rowsThatSay(/ben/)).toMatchObject({ visitors: 1 });
  });

  it("has no session left that writes as whom they were before", async () => {
    const id = await leaves(anonymous, "Typed One");
    await signIn(anonymous);
    // As whom they were they still write, and have nothing of what they brought along.
    await post(anonymous, null, "Signed out");
    await pushOn(anonymous, "late");
    await expect(post(anonymous, id, "Mine")).rejects.toMatchObject({ code: "PT404" });
    await erase("ada-1");
    const attempts = [
      () => post(anonymous, null, "Again"),
      () => pushOn(anonymous, "again"),
      () => said(anonymous, "Again"),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "PT404" });
    expect(await tabContext(store.sql, { tabId: CHAT, endUserId: anonymous }))
      .toEqual({ outcome: "session_revoked" });
    expect(await signIn(anonymous, null)).toEqual({ conversations: 0 });
    expect(await rowsThatSay(new RegExp(`typed|late|again|signed out|ada-1|${anonymous}`)))
      .toEqual({ erased_visitors: 1 });
  });

  it("takes nothing of another's along", async () => {
    await leaves(anonymous, "Typed One");
    await leaves(other, "Typed Two");
    await signIn(anonymous);
    await erase("ada-1");
    expect(await rowsThatSay(/typed.one/)).toEqual({});
    expect(await rowsThatSay(/typed.two/)).toMatchObject({ visitors: 1, visitor_devices: 1, messages: 2 });
    expect(await tabContext(store.sql, { tabId: CHAT, endUserId: other })).toMatchObject({ outcome: "ok" });
  });
});

it("who is erased by the name of before leaves what they brought along, and not as whom they wrote it", async () => {
  const id = await leaves(anonymous, "Typed One");
  await signIn(anonymous);
  await leaves(anonymous, "Typed Two");
  await post("ada-1", id, "As Ada");
  await queue();
  expect(await rowsThatSay(/typed.one.called/)).toMatchObject({
    events: expect.any(Number),
    deliveries: expect.any(Number),
    notifications: expect.any(Number),
  });
  const sent = async () => {
    const rows = await store.sql`
      select content #>> '{data,content}' as text from heddle.deliveries
      where content ->> 'type' = 'message:new' order by id`;
    return rows.map(({ text }) => text);
  };
  expect(await erase(anonymous)).toEqual({ conversations: 1, messages: 2 });
  await queue();
  expect(await rowsThatSay(new RegExp(anonymous))).toEqual({ erased_visitors: 1 });
  expect(await rowsThatSay(/typed.one.called|typed.two/)).toEqual({});
  expect(await sent()).toEqual(["Typed One answered", "As Ada"]);
  const { messages } = await store.visitor("store_thread", { p_end_user: "ada-1", p_conversation_id: id });
  expect(messages.map(({ text }: Json) => text)).toEqual([
    "Typed One corrects",
    "Typed One answered",
    "As Ada",
  ]);
  const { visitor } = await store.operator(OLGA, "inbox_visitor", { p_conversation_id: id });
  expect(visitor).toMatchObject({ id: "ada-1", name: "Ada Site" });
});

it("who is erased by one name of before leaves what was told of what they brought along by another", async () => {
  const told = async (id: string) => {
    const [row] = await store.sql`
      select (select count(*)::int from heddle.notifications where conversation_id = ${id}) as notifications,
        (select count(*)::int from heddle.events
          where source = 'notifications' and data ->> 'conversation_id' = ${id}) as events,
        (select count(*)::int from heddle.deliveries
          where content ->> 'type' like 'notification:%' and content #>> '{data,conversation_id}' = ${id}) as deliveries`;
    return row;
  };
  const [one, two] = [await leaves(anonymous, "Typed One"), await leaves(other, "Typed Two")];
  for (const visitor of [anonymous, other]) await signIn(visitor);
  await queue();
  const before = await told(two);
  expect(Object.values(before ?? {}).every((count) => count > 0)).toBe(true);
  await erase(anonymous);
  expect(await told(two)).toEqual(before);
  expect(await told(one)).toEqual({ notifications: 0, events: 0, deliveries: 0 });
  await erase(other);
  expect(await told(two)).toEqual({ notifications: 0, events: 0, deliveries: 0 });
});

it("an erasure and a sign-in at once leave nothing, whichever is first", async () => {
  for (let times = 0; times < 5; times++) {
    const late = someone();
    await leaves(anonymous, "Typed One");
    await leaves(late, "Typed Two");
    await signIn(anonymous);
    await Promise.all([erase("ada-1"), signIn(late)]);
    await erase("ada-1");
    expect(await rowsThatSay(/typed|Ada Site/)).toEqual({});
    anonymous = someone();
  }
});

it("sign-ins from two browsers, a room with all of them and an erasure wait for each other in one order", async () => {
  for (let times = 0; times < 5; times++) {
    const visitors = [someone(), someone(), someone()];
    for (const visitor of visitors) await store.begin(visitor, "Typed");
    await Promise.all([
      ...visitors.map((visitor) => signIn(visitor)),
      store.visitor("create_room", {
        p_name: "Ferns",
        p_participants: ["ada-1", ...visitors, "zoe"].map((id) => ({ role: "visitor", id })),
      }).catch(({ code }: Json) => expect(code).toBe("PT404")),
      erase("ada-1"),
    ]);
    await erase("ada-1");
  }
});
