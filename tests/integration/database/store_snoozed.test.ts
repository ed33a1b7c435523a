import { afterAll, beforeAll, expect, it } from "vitest";
import { type ConversationStore, createStore, OLGA } from "./conversation_store.ts";

let store: ConversationStore;
beforeAll(async () => {
  store = await createStore();
});
afterAll(() => store.drop());

it("a visitor sees a conversation that the team has put off as open", async () => {
  const id = await store.begin("waiting");
  await store.sent();
  await store.operator(OLGA, "inbox_status", {
    p_conversation_id: id,
    p_status: "snoozed",
    p_until: new Date(Date.now() + 3_600_000).toISOString(),
  });
  await store.operator(OLGA, "inbox_post", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Later",
  });
  expect((await store.visitor("store_list", { p_end_user: "waiting" })).items).toMatchObject([{
    status: "OPEN",
  }]);
  const sent = await store.sent();
  const heard = sent.filter(({ to }) => to !== "inbox");
  expect(heard.length).toBeGreaterThan(1);
  expect(JSON.stringify(heard)).not.toMatch(/snoozed/i);
  expect(JSON.stringify(sent)).toContain("SNOOZED");
});
