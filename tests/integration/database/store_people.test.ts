import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { AGENT, type Json, OLGA, PIET, STRANGER, useStore } from "./conversation_store.ts";
import { CHAT, tabContext } from "./tab_call.ts";

const store = useStore();

const OLD = "20000000-0000-4000-8000-000000000001";
const history = (messages: object[]) => [{ id: OLD, endUserId: "ann", name: "Ann", title: "Fern", messages }];
const said = (role: string, body: string, minute: number) => ({
  role,
  body,
  createdAt: `2025-01-01T10:0${minute}:00Z`,
});
const take = (conversations: object[]) => store.visitor("store_import", { p_conversations: conversations });

it("an import keeps the order of times, adds nothing the second time and announces nothing but a hint", async () => {
  const messages = [said("operator", "second", 2), said("visitor", "first", 1), said("bot", "third", 3)];
  await store.sent();
  expect(await take(history(messages))).toEqual({ messages: 3 });
  expect((await store.sent()).map(({ to, events }) => [to, events[0]?.type])).toEqual([["inbox", "refresh"]]);
  expect(await take(history(messages))).toEqual({ messages: 0 });
  const thread = await store.visitor("store_thread", { p_end_user: "ann", p_conversation_id: OLD });
  expect(thread.messages.map(({ text }: Json) => text)).toEqual(["first", "second", "third"]);
  expect(thread).toMatchObject({
    seq: 3,
    item: { title: "Fern", unread: 0, status: "RESOLVED", preview: "third" },
  });
});

it("what is imported counts as read on both sides", async () => {
  const { row } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: OLD });
  const all = { visitor: 3, team: 3 };
  expect(row).toMatchObject({ unread: 0, readSeqs: all, deliveredSeqs: all });
  const [seat] = await store.sql`
    select read_seq, unread from heddle.participants where conversation_id = ${OLD} and role = 'visitor'`;
  expect(seat).toEqual({ read_seq: 3, unread: 0 });
});

it("what is imported behind something that nobody has read leaves that unread", async () => {
  const id = await store.begin("cy", "Hello?");
  await take([{ id, endUserId: "cy", messages: [said("operator", "long ago", 1)] }]);
  const { row } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
  expect(row).toMatchObject({ unread: 1, readSeqs: { team: 0 } });
});

it("an imported conversation goes on live, and what follows is later than its past", async () => {
  await store.sent();
  await store.visitor("store_post", {
    p_end_user: "ann",
    p_conversation_id: OLD,
    p_client_id: crypto.randomUUID(),
    p_body: "and now?",
  });
  const { messages, item } = await store.visitor("store_thread", {
    p_end_user: "ann",
    p_conversation_id: OLD,
  });
  expect(messages.at(-1)).toMatchObject({ id: "4", text: "and now?" });
  expect(item.status).toBe("OPEN");
  expect((await store.sent()).flatMap(({ events }) => events.map(({ type }) => type))).toContain(
    "message:new",
  );
  const { rows } = await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT });
  expect(rows[0]).toMatchObject({ id: OLD, messageCount: 4, unread: 1 });
});

it("an export holds what a person wrote and replaced, and no notes", async () => {
  await store.visitor("store_edit", {
    p_end_user: "ann",
    p_conversation_id: OLD,
    p_seq: 4,
    p_body: "and then?",
  });
  await store.operator(OLGA, "inbox_note", {
    p_conversation_id: OLD,
    p_client_id: crypto.randomUUID(),
    p_body: "difficult",
  });
  const answer = await store.visitor("store_export", { p_end_user: "ann" });
  expect(answer).toMatchObject({
    endUser: { id: "ann", name: "Ann" },
    conversations: [{ id: OLD, messages: { length: 4 }, replaced: [{ id: "4", text: "and now?" }] }],
  });
  expect(JSON.stringify(answer)).not.toContain("difficult");
  expect(await store.visitor("store_export", { p_end_user: "nobody" })).toBeNull();
});

it("an erasure leaves nothing of a person in any table, and nothing of others is touched", async () => {
  await store.begin("bea", "stays");
  await store.sent();
  expect(await store.visitor("store_erase", { p_end_user: "ann" })).toEqual({
    conversations: 1,
    messages: 4,
  });
  const sent = await store.sent();
  expect(sent.map(({ to, events }) => [to, events[0]?.type]))
    .toEqual([["inbox", "refresh"], ["list", "refresh"], ["conversation", "refresh"]]);
  expect(sent[2]?.topic).toContain(OLD);
  const tables = await store.sql<{ name: string }[]>`
    select format('heddle.%I', tablename) as name from pg_tables
    where schemaname = 'heddle' and tablename not in ('gone', 'events')`;
  for (const { name } of tables) {
    const rows = await store.sql.unsafe(
      `select t from ${name} t where t::text ~ '${OLD}|and (now|then)|difficult|\\mann\\M|\\mAnn\\M'`,
    );
    if (name.startsWith("heddle.events_") && rows.length > 0) {
      // That it is gone.
      expect(rows).toEqual([{ t: expect.stringContaining("conversation:deleted") }]);
    } else expect(rows.length, name).toBe(0);
  }
  expect(await store.visitor("store_erase", { p_end_user: "ann" })).toBeNull();
  expect((await store.visitor("store_list", { p_end_user: "bea" })).items).toMatchObject([{
    preview: "stays",
  }]);
});

it("an operator sees who a conversation is with and what else they wrote, and a stranger nothing", async () => {
  const first = await store.begin("cleo", "my first");
  const second = await store.begin("cleo", "my second");
  await store.visitor("store_visitor", { p_end_user: "cleo", p_changes: { email: "cleo@example.com" } });
  const about = { p_conversation_id: first };
  expect(await store.operator(PIET, "inbox_visitor", about)).toMatchObject({
    visitor: { id: "cleo", name: null, email: "cleo@example.com", page: null, online: false },
    rows: [{ id: second }],
  });
  await expect(store.operator(STRANGER, "inbox_visitor", about)).rejects.toMatchObject({ code: "PT404" });
});

it.each(["the inbox", "store_erase", "store_erase of one who wrote nothing"])(
  "an anonymous visitor who was erased is nobody any more, by %s",
  async (way) => {
    const endUser = `anon_${randomBytes(16).toString("hex")}`;
    const wrote = !way.endsWith("nothing");
    const id = wrote ? await store.begin(endUser, "forget me") : "";
    const call = () =>
      tabContext(store.sql, { endUserId: endUser, tabId: CHAT }).then(({ outcome }) => outcome);
    expect(await call()).toBe("ok");
    if (way === "the inbox") await store.operator(OLGA, "inbox_erase_visitor", { p_conversation_id: id });
    else await store.visitor("store_erase", { p_end_user: endUser });
    expect(await call()).toBe("session_revoked");
    await expect(store.begin(endUser, "me again")).rejects.toMatchObject({ code: "PT404" });
    const rows = await store.sql`
      select end_user_id from heddle.visitors where end_user_id = ${endUser}
      union all select key from heddle.leases where key = ${endUser}
      union all select key from heddle.rate_buckets where key = ${endUser}`;
    expect(rows).toEqual([]);
  },
);

it("an owner exports and erases a conversation's visitor, an operator may not and a stranger finds none", async () => {
  const id = await store.begin("dan", "forget me");
  const about = { p_conversation_id: id };
  for (const name of ["inbox_export_visitor", "inbox_erase_visitor"]) {
    await expect(store.operator(PIET, name, about)).rejects.toMatchObject({ code: "PT403" });
    await expect(store.operator(STRANGER, name, about)).rejects.toMatchObject({ code: "PT404" });
  }
  expect(await store.operator(OLGA, "inbox_export_visitor", about)).toMatchObject({
    endUser: { id: "dan" },
    conversations: [{ id, messages: [{ text: "forget me" }] }],
  });
  expect(await store.operator(OLGA, "inbox_erase_visitor", about)).toEqual({ conversations: 1, messages: 1 });
  await expect(store.operator(OLGA, "inbox_visitor", about)).rejects.toMatchObject({ code: "PT404" });
});

it("an owner sees a site's tabs, keys and failures and adds a store tab, an operator may not", async () => {
  for (const name of ["inbox_site", "inbox_create_tab"]) {
    const args = { p_agent_id: AGENT, ...name === "inbox_create_tab" && { p_name: "Chat" } };
    await expect(store.operator(PIET, name, args)).rejects.toMatchObject({ code: "PT403" });
    await expect(store.operator(STRANGER, name, args)).rejects.toMatchObject({ code: "PT404" });
  }
  await expect(store.operator(OLGA, "inbox_create_tab", { p_agent_id: AGENT, p_name: " " }))
    .rejects.toMatchObject({ code: "PT400" });
  const { id } = await store.operator(OLGA, "inbox_create_tab", { p_agent_id: AGENT, p_name: " Chat " });
  const site = await store.operator(OLGA, "inbox_site", { p_agent_id: AGENT });
  expect(site).toMatchObject({
    origins: ["http://127.0.0.1:4173", "http://localhost:4173"],
    accent: "#2f6f4f",
    anonymousAllowed: true,
    keys: expect.arrayContaining([
      expect.objectContaining({ name: "demo shop", lastUsedAt: null }),
      expect.objectContaining({ name: "demo events", agentId: null }),
    ]),
    connectors: [{ name: "demo shop", host: "127.0.0.1:4173" }],
    issues: [],
  });
  expect(site.tabs).toContainEqual(
    expect.objectContaining({ id, name: "Chat", source: "store", category: "messaging" }),
  );
});

it("an owner renames and removes the tabs of their site, whose conversations stay; nobody else does", async () => {
  const conversation = await store.begin("tabbed");
  const { id } = await store.operator(OLGA, "inbox_create_tab", { p_agent_id: AGENT, p_name: "Chat" });
  const tab = { p_agent_id: AGENT, p_tab_id: id };
  const names = async () => {
    const { tabs } = await store.operator(OLGA, "inbox_site", { p_agent_id: AGENT });
    return tabs.filter((tab: Json) => tab.id === id).map(({ name }: Json) => name);
  };
  for (
    const [name, args] of Object.entries({ inbox_rename_tab: { ...tab, p_name: "X" }, inbox_remove_tab: tab })
  ) {
    await expect(store.operator(PIET, name, args), name).rejects.toMatchObject({ code: "PT403" });
    await expect(store.operator(STRANGER, name, args), name).rejects.toMatchObject({ code: "PT404" });
    await expect(store.operator(OLGA, name, { ...args, p_tab_id: STRANGER }), name)
      .rejects.toMatchObject({ code: "PT404" });
  }
  await expect(store.operator(OLGA, "inbox_rename_tab", { ...tab, p_name: " " }))
    .rejects.toMatchObject({ code: "PT400" });
  await store.operator(OLGA, "inbox_rename_tab", { ...tab, p_name: " Ask us " });
  expect(await names()).toEqual(["Ask us"]);
  await store.operator(OLGA, "inbox_remove_tab", tab);
  expect(await names()).toEqual([]);
  expect(await store.operator(PIET, "inbox_thread", { p_conversation_id: conversation })).toMatchObject({
    messages: [{ id: "1" }],
  });
});
