import { afterAll, beforeAll, expect, it } from "vitest";
import { AGENT, type ConversationStore, createStore, OLGA, PIET } from "./conversation_store.ts";

let store: ConversationStore;
beforeAll(async () => {
  store = await createStore();
});
afterAll(() => store.drop());

const WRITTEN = " Ev\u202eil\u2066\n\tNa\u0007me\u200f\u061c\u00a0\u2028 ";
const KEPT = "Evil Na me";

it("a member's name is one line that reads as it is written, whoever gives it", async () => {
  const own = { p_agent_id: AGENT, p_user_id: PIET };
  expect(await store.operator(PIET, "inbox_update_member", { ...own, p_changes: { name: WRITTEN } }))
    .toMatchObject({ name: KEPT });
  const userId = crypto.randomUUID();
  expect(await store.visitor("invite_member", { p_user_id: userId, p_name: WRITTEN }))
    .toMatchObject({ name: KEPT });
  for (const name of ["\u202e\u2069", "\n\t", ""]) {
    await expect(store.operator(PIET, "inbox_update_member", { ...own, p_changes: { name } }))
      .rejects.toMatchObject({ code: "PT400" });
    await expect(store.visitor("invite_member", { p_user_id: userId, p_name: name }))
      .rejects.toMatchObject({ code: "PT400" });
  }
});

it("so are a visitor's name and a label's; joiners that Persian and emoji are written with stay", async () => {
  const id = await store.begin("named");
  await store.visitor("store_visitor", { p_end_user: "named", p_changes: { name: WRITTEN } });
  expect(await store.operator(OLGA, "inbox_visitor", { p_conversation_id: id }))
    .toMatchObject({ visitor: { name: KEPT } });
  const label = { p_agent_id: AGENT, p_label_id: null, p_color: "#aa0000" };
  expect(await store.operator(PIET, "inbox_save_label", { ...label, p_name: WRITTEN }))
    .toMatchObject({ name: KEPT });
  for (const name of ["\u0645\u06cc\u200c\u0631\u0648\u0645", "\u{1F469}\u200d\u{1F680}"]) {
    await store.visitor("store_visitor", { p_end_user: "named", p_changes: { name } });
    expect(await store.operator(OLGA, "inbox_visitor", { p_conversation_id: id }))
      .toMatchObject({ visitor: { name } });
  }
});
