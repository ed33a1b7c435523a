import { afterAll, beforeAll, expect, it } from "vitest";
import { AGENT, type ConversationStore, createStore, type Json, OLGA } from "./conversation_store.ts";

let store: ConversationStore;
beforeAll(async () => {
  store = await createStore();
});
afterAll(() => store.drop());

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
  expect((await store.sent()).map(({ to, events }) => [to, events[0]?.type]))
    .toEqual([["list", "refresh"], ["inbox", "refresh"]]);
  const tables = await store.sql<{ name: string }[]>`
    select format('heddle.%I', tablename) as name from pg_tables where schemaname = 'heddle' and tablename <> 'gone'`;
  for (const { name } of tables) {
    const rows = await store.sql.unsafe(
      `select from ${name} t where t::text ~ '${OLD}|and (now|then)|difficult|\\mann\\M|\\mAnn\\M'`,
    );
    expect(rows.length, name).toBe(0);
  }
  expect(await store.visitor("store_erase", { p_end_user: "ann" })).toBeNull();
  expect((await store.visitor("store_list", { p_end_user: "bea" })).items).toMatchObject([{
    preview: "stays",
  }]);
});
