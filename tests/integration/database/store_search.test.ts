import { beforeAll, expect, it } from "vitest";
import { AGENT, type Json, OLGA, ORG, useStore } from "./conversation_store.ts";

/** Of which each message takes longest to read. */
const ACCENTS = "áêïõů".repeat(1998);
const FLOOD = 120;

const store = useStore();
let quiet: string;
beforeAll(async () => {
  const { sql } = store;
  const [agent] = await sql`insert into heddle.agents (org_id, name) values (${ORG}, 'Quiet') returning id`;
  quiet = agent?.id;
  const id = await store.begin("flood", "the first");
  await sql`
    insert into heddle.messages (conversation_id, role, body)
    select ${id}, 'visitor', ${ACCENTS} || ' flood ' || n from generate_series(1, ${FLOOD}) n`;
  await sql`
    insert into heddle.visitors (agent_id, end_user_id, name)
    select ${AGENT}, 'crowd' || n, 'Zoë ' || left(${ACCENTS}, 180) || n from generate_series(1, ${FLOOD}) n`;
  await sql.unsafe("vacuum (analyze) heddle.messages, heddle.message_words, heddle.visitors");
});

interface Work {
  pages: number;
  /** How many texts were taken apart. */
  texts: number;
}

/** What one search takes in the server: pages of shared memory, and texts read letter by letter. */
async function workOf(agent: string, text: string): Promise<Work> {
  return await store.sql.begin(async (tx) => {
    await tx`select set_config('track_functions', 'all', true),
      set_config('request.jwt.claims', ${JSON.stringify({ sub: OLGA, role: "authenticated" })}, true)`;
    const call = `select heddle_api.inbox_search('${agent}', '${text}')`;
    await tx.unsafe(call);
    const count = async () => {
      const [row] = await tx`select coalesce(sum(calls), 0)::int as calls from pg_stat_xact_user_functions
        where schemaname = 'heddle' and funcname = 'folded'`;
      return row?.calls ?? 0;
    };
    const before = await count();
    const [row] = await tx.unsafe(`explain (analyze, buffers, format json) ${call}`);
    const plan = row?.["QUERY PLAN"][0].Plan;
    return {
      pages: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
      texts: await count() - before,
    };
  });
}

it("a search takes no texts apart but its own, whatever visitors have written", async () => {
  for (const text of ["parcel", "flood", "ae", "zoe", "first parcel"]) {
    for (const agent of [AGENT, quiet]) {
      const { texts } = await workOf(agent, text);
      expect(texts, `${text} for ${agent}`).toBeGreaterThan(0);
      expect(texts, `${text} for ${agent}`).toBeLessThanOrEqual(3);
    }
  }
});

it("a search of one agent reads nothing of another's messages", async () => {
  for (const text of ["parcel", "flood", "first flood", "f"]) {
    expect((await workOf(quiet, text)).pages, text).toBeLessThan(60);
  }
});

it("of a long message its first 2,000 characters are searched", async () => {
  const search = (p_text: string) => store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text });
  const id = await store.begin(
    "long",
    `early ${"filler ".repeat(280)} middling ${"filler ".repeat(20)} late`,
  );
  const found = async (text: string) =>
    (await search(text)).messages.map((each: Json) => each.conversationId);
  expect([await found("early"), await found("middling"), await found("late")]).toEqual([[id], [id], []]);
});

it("a search finds what a message says now: edited, deleted or imported, with words of any length", async () => {
  const search = (p_text: string) => store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text });
  const count = async (text: string) => (await search(text)).messages.length;
  const id = await store.begin("editor", "marmalade");
  const edit = (p_body: string | null) =>
    store.visitor("store_edit", { p_end_user: "editor", p_conversation_id: id, p_seq: 1, p_body });
  expect(await count("marmal")).toBe(1);
  await edit("porridge");
  expect([await count("marmal"), await count("porridge")]).toEqual([0, 1]);
  await edit(null);
  expect(await count("porridge")).toBe(0);
  await store.visitor("store_import", {
    p_conversations: [{
      id: crypto.randomUUID(),
      endUserId: "moved",
      messages: [
        { role: "visitor", body: "kedgeree", createdAt: "2026-01-01T00:00:00Z" },
        { role: "visitor", body: "é".repeat(3000), createdAt: "2026-01-01T00:01:00Z" },
        { role: "visitor", body: "語".repeat(3000), createdAt: "2026-01-01T00:02:00Z" },
      ],
    }],
  });
  expect(await count("kedgeree")).toBe(1);
});

it("no words are left of messages that are gone, whatever they went with", async () => {
  const left = async (id: string) =>
    (await store.sql`select from heddle.message_words where conversation_id = ${id}`).length;
  const [erased, removed] = [
    await store.begin("gone-1", "tangerine"),
    await store.begin("gone-2", "tangerine"),
  ];
  expect([await left(erased), await left(removed)]).toEqual([1, 1]);
  await store.visitor("store_erase", { p_end_user: "gone-1" });
  await store.sql`delete from heddle.visitors where end_user_id = 'gone-2'`;
  expect([await left(erased), await left(removed)]).toEqual([0, 0]);
});

it("words that are frequent among many and rare among the newest are found, newest first", async () => {
  const id = await store.begin("old", "quince one");
  await store.sql`
    insert into heddle.messages (conversation_id, role, body) values (${id}, 'visitor', 'quince two')`;
  await store.sql.begin(async (tx) => {
    await tx`set local heddle.importing = 'on'`;
    await tx`
      insert into heddle.messages (conversation_id, seq, changed_seq, changed_rev, role, body, created_at)
      select ${id}, 10 + n, 10 + n, 10 + n, 'visitor', 'newer', now() + n * interval '1 second'
      from generate_series(1, 3100) n`;
  });
  const { messages } = await store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text: "quinc" });
  expect(messages.map(({ message }: Json) => message.text)).toEqual(["quince two", "quince one"]);
});

const conversationsOf = async (p_text: string) =>
  (await store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text }))
    .messages.map((each: Json) => each.conversationId);

it("case makes no difference, in any script", async () => {
  for (
    const [said, sought] of [
      ["ПРИВЕТ, МИР", ["привет", "Мир", "прив"]],
      ["привет мир", ["ПРИВЕТ", "МИР"]],
      ["ΟΔΟΣ ΣΟΦΟΚΛΕΟΥΣ", ["οδος", "οδός", "Σοφοκλέους"]],
      ["η οδός αυτή", ["ΟΔΟΣ", "ΑΥΤΉ"]],
      ["İSTANBUL", ["istanbul", "İstanbul", "ıstanbul", "ISTANBUL"]],
      ["diyarbakır", ["DİYARBAKIR", "Diyarbakır", "diyarbakir"]],
      ["ԲԱՐԵՎ", ["բարև".slice(0, 3), "Բար"]],
      ["ŽLUŤOUČKÝ", ["žluťoučký", "zlutoucky"]],
    ] as const
  ) {
    const id = await store.begin(`case ${said}`, said);
    for (const text of sought) expect(await conversationsOf(text), `${text} in ${said}`).toContain(id);
  }
  await store.visitor("store_post", {
    p_end_user: "dmitri",
    p_conversation_id: null,
    p_client_id: crypto.randomUUID(),
    p_body: "x",
    p_visitor: { name: "ДМИТРИЙ ΓΙΏΡΓΟΣ" },
  });
  // Two letters at least, or one that says as much.
  for (const p_text of ["дмитр", "Дмитрий", "γιωργος", "д"]) {
    const { people } = await store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text });
    expect(people.map(({ id }: Json) => id), p_text).toContain("dmitri");
  }
});

it("in what is written without blanks any part is found, one character or several, also beside Latin letters", async () => {
  for (
    const [said, found, missed] of [
      ["我的包裹在哪里？", ["包裹", "我的包裹", "裹", "里", "在哪里"], ["包里", "哪在"]],
      ["昨日iPhone15ケースを買いました。", [
        "買いました",
        "ケース",
        "iphone",
        "iPhone15",
        "を",
        "昨日 ケース",
      ], ["買ケ", "phone"]],
      ["ｶﾒﾗとＡＢＣ", ["カメラ", "abc", "ＡＢＣ"], ["ラカ"]],
      ["พัสดุของฉันอยู่ที่ไหน", ["พัสดุ", "ที่ไหน", "ฉัน"], ["ไหนที่"]],
      ["ຂອງຂ້ອຍຢູ່ໃສ", ["ຢູ່ໃສ", "ຂ້ອຍ"], ["ໃສຂອງ"]],
      ["កញ្ចប់របស់ខ្ញុំនៅឯណា", ["របស់", "កញ្ចប់"], ["ណានៅ"]],
      ["𠮷野家で", ["𠮷野", "野家"], ["家野"]],
      ["배송은 언제 되나요", ["배송", "언제"], []],
      ["我的订单没有到", ["我的 订单", "订单 我的", "订单　我的", "到 订单", "订单，我的", "的"], [
        "订单 20417",
        "订没",
        "订单 包",
      ]],
      ["订单 20417 到了", ["订单 204", "20417 订单", "到了 订单 20417"], ["订单 417"]],
      ["注文した a b", ["注文 a", "a 注文", "a b"], ["文注", "c 注文"]],
    ] as const
  ) {
    const id = await store.begin(`unspaced ${said}`.slice(0, 40), said);
    for (const text of found) expect(await conversationsOf(text), `${text} in ${said}`).toContain(id);
    for (const text of missed) expect(await conversationsOf(text), `${text} in ${said}`).not.toContain(id);
  }
});

it("vowel signs, strokes, digits of other scripts and what is not to be seen make no difference", async () => {
  for (
    const [said, sought] of [
      ["مرحبا أحمد", ["احمد", "أحمد", "إحمد", "أَحْمَد", "أحـــمد"]],
      ["أَحْمَدُ كَتَبَ", ["احمد", "كتب"]],
      ["رقم الطلب ٢٠٤١٧", ["20417", "٢٠٤", "۲۰۴۱۷"]],
      ["order २०४१८", ["20418"]],
      ["שָׁלוֹם", ["שלום"]],
      ["Donau\u00addampf\u200bschiff\u2060fahrt", ["donaudampfschiff", "Donau\u200bdampfschifffahrt"]],
      ["می\u200cخواهم", ["می\u200cخواهم", "میخواهم"]],
      ["ガラスのギター".normalize("NFD"), ["ガラス", "ギター"]],
      ["ガラスのベル", ["ガラス".normalize("NFD"), "ﾍﾞﾙ"]],
      ["배송은 언제".normalize("NFD"), ["배송", "언제"]],
      ["배송이 늦어요", ["배송".normalize("NFD"), "늦어".normalize("NFD")]],
    ] as const
  ) {
    const id = await store.begin(`signs ${said}`.slice(0, 30), said);
    for (const text of sought) expect(await conversationsOf(text), `${text} in ${said}`).toContain(id);
  }
});

it("a note is found by what it says now, by its own team alone, and by no visitor's function", async () => {
  const id = await store.begin("noted", "Where is my order?");
  const notes = async (p_text: string, agent = AGENT) =>
    (await store.operator(OLGA, "inbox_search", { p_agent_id: agent, p_text })).notes;
  const note = await store.operator(OLGA, "inbox_note", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Warehouse lost the PELARGONIUM",
  });
  expect(await notes("lost pelarg")).toEqual([{ conversationId: id, note: note.note }]);
  expect((await store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text: "pelargonium" })).rows)
    .toMatchObject([{ id }]);
  expect(await notes("pelargonium", quiet)).toEqual([]);
  const edit = (p_body: string | null) =>
    store.operator(OLGA, "inbox_edit_note", { p_conversation_id: id, p_note_id: note.note.id, p_body });
  await edit("Found it again");
  expect([await notes("pelargonium"), (await notes("found again")).length]).toEqual([[], 1]);
  await edit(null);
  expect(await notes("found again")).toEqual([]);
});
