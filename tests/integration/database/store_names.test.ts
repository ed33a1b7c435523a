import { expect, it } from "vitest";
import { AGENT, type Json, OLGA, ORG, PIET, useStore } from "./conversation_store.ts";

const store = useStore();

const WRITTEN = " Ev\u202eil\u2066\n\tNa\u0007me\u200f\u061c\u00a0\u2028 ";
const KEPT = "Evil Na me";

it("a member's name is one line that reads as it is written, whoever gives it", async () => {
  const own = { p_agent_id: AGENT, p_user_id: PIET };
  expect(await store.operator(PIET, "inbox_update_member", { ...own, p_changes: { name: WRITTEN } }))
    .toMatchObject({ name: KEPT });
  const userId = crypto.randomUUID();
  expect(await store.visitor("invite_member", { p_user_id: userId, p_name: `${WRITTEN}2` }))
    .toMatchObject({ name: `${KEPT} 2` });
  await store.operator(PIET, "inbox_update_member", { ...own, p_changes: { name: "Piet" } });
  for (const name of ["\u202e\u2069", "\n\t", ""]) {
    await expect(store.operator(PIET, "inbox_update_member", { ...own, p_changes: { name } }))
      .rejects.toMatchObject({ code: "PT400" });
    await expect(store.visitor("invite_member", { p_user_id: userId, p_name: name }))
      .rejects.toMatchObject({ code: "PT400" });
  }
});

it("so is a bot's, and a tab's", async () => {
  const url = "https://bot.example";
  await store.operator(OLGA, "inbox_create_bot", { p_agent_id: AGENT, p_name: WRITTEN, p_url: url });
  await store.visitor("create_bot", { p_name: `${WRITTEN}3`, p_url: url });
  await store.operator(OLGA, "inbox_create_tab", { p_agent_id: AGENT, p_name: WRITTEN });
  const { bots, tabs } = await store.operator(OLGA, "inbox_site", { p_agent_id: AGENT });
  expect(bots.map(({ name }: Json) => name)).toEqual([KEPT, `${KEPT} 3`]);
  expect(tabs.map(({ name }: Json) => name)).toContain(KEPT);
  for (const p_name of ["\u202e", " "]) {
    await expect(store.visitor("create_bot", { p_name, p_url: url })).rejects.toMatchObject({
      code: "PT400",
    });
  }
  for (const p_name of ["evil\u3000NA me", "Evil\u200d Na\u2003me"]) {
    await expect(store.visitor("create_bot", { p_name, p_url: url })).rejects.toMatchObject({
      code: "PT409",
    });
  }
});

const ALIKE = [
  "Olga",
  "olga",
  "OLGA\u00ad",
  "Ol\u200bga",
  "O\u2060lga\ufe0f",
  "\uff2flga",
  "\u2800Olga\u3164",
  "\u041elga",
  "\u03bflg\u0430",
  ...[
    "Olga\u{e0041}",
    "O\u{e0100}lga",
    "Olg\u{1d173}a",
    "Olga\u{1bca0}",
    "Olga\ufff9",
    "Ol\u034fga",
    "Olga\u17b4",
    "Olga\u2065",
  ],
  ...[
    "Ólga",
    "Olga\u0301",
    "Oӏga",
    "OIga",
    "O1ga",
    "O|ga",
    "0lga",
    "ᴏlga",
    "Olɡa",
    "ꓳlga",
    "Olᏻa",
    "Oⅼga",
    "𝐎lga",
    "Օlga",
  ],
];

it.each(ALIKE)("nobody can be called as a colleague is, or so that it reads the same: %j", async (name) => {
  const taken = {
    code: "PT409",
    message: "conflict",
    detail: "Somebody in the team, or a bot, is called that already.",
  };
  const own = { p_agent_id: AGENT, p_user_id: PIET, p_changes: { name } };
  await expect(store.operator(PIET, "inbox_update_member", own)).rejects.toMatchObject(taken);
  const invitation = { p_user_id: crypto.randomUUID(), p_name: name };
  await expect(store.visitor("invite_member", invitation)).rejects.toMatchObject(taken);
  const url = "https://bot.example";
  await expect(store.visitor("create_bot", { p_name: name, p_url: url })).rejects.toMatchObject(taken);
});

it("nobody can be called as a bot is, nor a bot be renamed as somebody is, whoever comes first", async () => {
  const taken = { code: "PT409", message: "conflict" };
  const [agent] = await store.sql`
    insert into heddle.agents (id, org_id, name) values (gen_random_uuid(), ${ORG}, 'Other') returning id`;
  const url = "https://bot.example";
  const { id } = await store.visitor("create_bot", { p_agent_id: agent?.id, p_name: "Moss", p_url: url });
  const own = { p_agent_id: AGENT, p_user_id: PIET, p_changes: { name: "M\u043ess" } };
  await expect(store.operator(PIET, "inbox_update_member", own)).rejects.toMatchObject(taken);
  await expect(store.visitor("invite_member", { p_user_id: crypto.randomUUID(), p_name: "moss" })).rejects
    .toMatchObject(taken);
  const rename = (name: string) =>
    store.visitor("update_bot", { p_agent_id: agent?.id, p_bot_id: id, p_changes: { name } });
  await expect(rename("OIga")).rejects.toMatchObject(taken);
  expect(await rename("MOSS")).toMatchObject({ name: "MOSS" });
  const together = await Promise.allSettled([
    store.visitor("create_bot", { p_agent_id: agent?.id, p_name: "Wren", p_url: url }),
    store.visitor("invite_member", { p_user_id: crypto.randomUUID(), p_name: "Wren" }),
  ]);
  expect(together.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  // Two websites of one owner may each have a helper.
  await store.visitor("create_bot", { p_name: "Moss", p_url: url });
});

it.each([
  "Olga\u05bd H",
  "Мira",
  "Mirа",
  "Miʀа",
  "Niꓠa",
  "Nina\u{e0041}",
  "Ni\u200dna",
  "Nina\ufffa",
  "Ni\ue000na",
])(
  "a name of a member, or of a bot, shows all that it holds, and mixes no scripts within a word: not %j",
  async (name) => {
    const refused = { code: "PT400", message: "invalid_request" };
    const own = { p_agent_id: AGENT, p_user_id: PIET, p_changes: { name } };
    await expect(store.operator(PIET, "inbox_update_member", own)).rejects.toMatchObject(refused);
    await expect(store.visitor("create_bot", { p_name: name, p_url: "https://bot.example" })).rejects
      .toMatchObject(refused);
  },
);

it("names of all the world's scripts are names, in whichever case and beside a Latin word", async () => {
  const names = [
    ...[
      "José Ñúñez",
      "Nguyễn Thị Ánh",
      "Зоя Ёлкина",
      "Їжак Ґалаґан",
      "王小明",
      "やまだ太郎",
      "김민수",
      "محمد",
      "می\u200cروم",
    ],
    ...[
      "दीपक",
      "क\u094d\u200dष",
      "සිරි ශ\u0dca\u200dරී",
      "Ελένη",
      "אוֹרִי",
      "ნინო",
      "Անահիտ",
      "ᏣᎳᎩ",
      "สมชาย",
      "O'Brien-Łącki, Jr.",
    ],
    ...["Зоя (Zoya)", "Ming 小明", "AI助手", "Bot 🤖", "👩\u200d🚀 Ada", "❤\ufe0f Bo", "R2-D2"],
  ];
  const own = (name: string) => ({ p_agent_id: AGENT, p_user_id: PIET, p_changes: { name } });
  for (const name of names) {
    expect(await store.operator(PIET, "inbox_update_member", own(name))).toMatchObject({ name });
  }
  await store.operator(PIET, "inbox_update_member", own("ΝΙΚΟΣ"));
  const invitation = { p_user_id: crypto.randomUUID(), p_name: "Νικοσ" };
  await expect(store.visitor("invite_member", invitation)).rejects.toMatchObject({ code: "PT409" });
  await store.operator(PIET, "inbox_update_member", own("Piet"));
});

it("of two who take a name at once one gets it; one's own can be written otherwise", async () => {
  const people = Array.from({ length: 6 }, () => crypto.randomUUID());
  const results = await Promise.allSettled(
    people.map((p_user_id) => store.visitor("invite_member", { p_user_id, p_name: "Nina" })),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(new Set(results.flatMap((each) => each.status === "rejected" ? [each.reason.code] : [])))
    .toEqual(new Set(["PT409"]));
  const own = { p_agent_id: AGENT, p_user_id: OLGA, p_changes: { name: "OLGA" } };
  expect(await store.operator(OLGA, "inbox_update_member", own)).toMatchObject({ name: "OLGA" });
  await store.operator(OLGA, "inbox_update_member", { ...own, p_changes: { name: "Olga" } });
});

it.each<Json>([{ a: 1 }, ["Olga"], 1, true])("a name is a text, whoever gives it: not %j", async (name) => {
  const id = await store.begin("texts");
  const refused = { code: "PT400" };
  const changes = { p_changes: { name } };
  const member = { p_agent_id: AGENT, p_user_id: PIET, ...changes };
  await expect(store.operator(PIET, "inbox_update_member", member)).rejects.toMatchObject(refused);
  await expect(store.visitor("store_visitor", { p_end_user: "texts", ...changes })).rejects.toMatchObject(
    refused,
  );
  const post = {
    p_end_user: "texts",
    p_conversation_id: null,
    p_client_id: crypto.randomUUID(),
    p_body: "Hello",
  };
  await expect(store.visitor("store_post", { ...post, p_visitor: { email: name } })).rejects
    .toMatchObject(refused);
  await expect(store.visitor("store_post", { ...post, p_page: { title: name } })).rejects
    .toMatchObject(refused);
  const conversation = { id, endUserId: "texts" };
  const message = { role: "visitor", createdAt: "2026-01-01T00:00:00Z", body: name };
  for (const each of [{ ...conversation, title: name }, { ...conversation, messages: [message] }]) {
    await expect(store.visitor("store_import", { p_conversations: [each] })).rejects.toMatchObject(refused);
  }
  await expect(store.visitor("update_agent", { p_changes: { name } })).rejects.toMatchObject(refused);
});

it("what a member wrote, and did, is called by what they are called now", async () => {
  const p_conversation_id = await store.begin("renamed");
  const act = (name: string, args: Json = {}) => store.operator(PIET, name, { p_conversation_id, ...args });
  await act("inbox_claim");
  await act("inbox_post", { p_client_id: crypto.randomUUID(), p_body: "Hi" });
  await act("inbox_note", { p_client_id: crypto.randomUUID(), p_body: "Hm" });
  const own = { p_agent_id: AGENT, p_user_id: PIET, p_changes: { name: "Pieter" } };
  await store.operator(PIET, "inbox_update_member", own);
  const { notes, messages } = await act("inbox_thread");
  const pieter = { id: PIET, name: "Pieter" };
  expect(notes).toMatchObject([{ author: pieter, change: { to: pieter } }, { author: pieter }]);
  expect(messages.at(-1).meta.author).toEqual(pieter);
  const seen = await store.visitor("store_thread", { p_end_user: "renamed", p_conversation_id });
  expect(seen.messages.at(-1).meta.author).toEqual(pieter);
  await store.operator(PIET, "inbox_update_member", { ...own, p_changes: { name: "Piet" } });
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
