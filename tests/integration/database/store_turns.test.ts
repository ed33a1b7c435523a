import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AGENT, type Json, OLGA, useStore } from "./conversation_store.ts";

const NOTICE = "The assistant could not answer. A person will answer here.";

const store = useStore();
/** A conversation of `u1`, whose first message a bot is to answer. */
let id: string;

beforeAll(async () => {
  await makeBot("unclaimed");
});
beforeEach(async () => {
  id = await store.begin("u1", "Which fern?");
});

async function makeBot(mode: string) {
  await store.sql`delete from heddle.bots`;
  await store.sql`select heddle_api.create_bot(${AGENT}, 'Fern bot', 'https://example.com/bot', ${mode})`;
}

async function server(name: string, args: Record<string, unknown>): Promise<Json> {
  const names = Object.keys(args);
  const list = names.map((each, at) => `${each} => $${at + 1}`).join(", ");
  const [row] = await store.sql.unsafe(
    `select heddle_api.${name}(${list}) as answer`,
    Object.values(args) as never[],
  );
  return row?.answer;
}

const take = () => server("bot_take", { p_agent_id: AGENT, p_conversation_id: id });
const begin = ({ forSeq, clientId }: Json, p_text = "A royal") =>
  server("bot_begin", { p_conversation_id: id, p_for_seq: forSeq, p_client_id: clientId, p_text });
const end = (p_seq: number, p_done: string) =>
  server("stream_end", { p_conversation_id: id, p_seq, p_text: "A royal fern", p_done });
const done = ({ forSeq, clientId }: Json, outcome: string, more: Record<string, unknown> = {}) =>
  server("bot_done", {
    p_conversation_id: id,
    p_for_seq: forSeq,
    p_client_id: clientId,
    p_outcome: outcome,
    ...more,
  });
const ask = (p_body = "And?") =>
  store.visitor("store_post", {
    p_end_user: "u1",
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body,
  });
const reply = () =>
  store.operator(OLGA, "inbox_post", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "The royal one",
  });
const status = (p_status: string) =>
  store.operator(OLGA, "inbox_status", { p_conversation_id: id, p_status, p_until: null });
const snooze = () =>
  store.operator(OLGA, "inbox_status", {
    p_conversation_id: id,
    p_status: "snoozed",
    p_until: new Date(Date.now() + 60_000).toISOString(),
  });
/** As if so much time had passed for whoever has or waits for a turn. */
const later = async () => {
  await store.sql`update heddle.bot_turns set
    asked_at = asked_at - interval '2 minutes', taken_until = taken_until - interval '2 minutes'`;
  await store.sql`update heddle.message_streams set updated_at = updated_at - interval '2 minutes'`;
  await server("tend_store", {});
};

async function state() {
  const [row] = await store.sql`
    select needs_human as "needsHuman", (
      select seq from heddle.messages where conversation_id = id and created_at = waiting_since
    ) as waits, array(
      select body from heddle.messages where conversation_id = id and role = 'system'
    ) as lines, (select count(*)::int from heddle.bot_turns where conversation_id = id) as turns
    from heddle.conversations where id = ${id}`;
  return row;
}

describe("a visitor whom a bot answers", () => {
  it("waits no longer once the answer is whole", async () => {
    await done(await take(), "answered", { p_text: "A royal one" });
    expect(await state()).toEqual({ needsHuman: false, waits: null, lines: [], turns: 0 });
  });

  it("waits on for a person when the answer breaks off, and a line says so", async () => {
    const turn = await take();
    const { seq } = await begin(turn);
    await end(seq, "error");
    await done(turn, "failed");
    expect(await state()).toEqual({ needsHuman: true, waits: 1, lines: [NOTICE], turns: 0 });
  });

  it("waits on for a person when whoever wrote the answer is gone", async () => {
    await begin(await take());
    await later();
    expect(await state()).toEqual({ needsHuman: true, waits: 1, lines: [NOTICE], turns: 0 });
  });

  it("waits on when they stop it, and nobody is fetched for that", async () => {
    const turn = await take();
    const { seq } = await begin(turn);
    await end(seq, "cancelled");
    await done(turn, "answered");
    expect(await state()).toEqual({ needsHuman: false, waits: 1, lines: [], turns: 0 });
  });

  it.each([["whole", true], ["word by word", false]])(
    "waits on when the answer, %s, hands over: claimed, opened again, until a person answers",
    async (_, isWhole) => {
      const turn = await take();
      const seq = isWhole ? null : (await begin(turn)).seq;
      if (seq) await end(seq, "stop");
      await done(turn, "answered", {
        p_needs_human: true,
        ...(isWhole ? { p_text: "I fetch somebody" } : {}),
      });
      expect(await state()).toMatchObject({ needsHuman: true, waits: 1 });
      await store.operator(OLGA, "inbox_claim", { p_conversation_id: id });
      expect(await state()).toMatchObject({ needsHuman: false, waits: 1 });
      await status("resolved");
      await status("open");
      expect(await state()).toMatchObject({ waits: 1 });
      await reply();
      expect(await state()).toMatchObject({ needsHuman: false, waits: null });
    },
  );

  it("waits on for the person who was asked for, whatever a bot that always answers says meanwhile", async () => {
    await makeBot("always");
    id = await store.begin("u1", "Which fern?");
    await done(await take(), "answered", { p_needs_human: true });
    await ask();
    await done(await take(), "answered", { p_text: "Somebody comes" });
    expect(await state()).toMatchObject({ needsHuman: true, waits: 1 });
    await makeBot("unclaimed");
  });
});

describe("a bot that answers one message while another is queued", () => {
  const postAsBot = () =>
    store.sql`
    insert into heddle.messages (conversation_id, role, author_id, body) values (${id}, 'bot', 'Bot', 'A royal one')`;

  it.each(["whole", "word by word", "by itself"])(
    "leaves nobody waiting in what is resolved: %s",
    async (how) => {
      const turn = await take();
      await ask();
      await status("resolved");
      if (how === "whole") await done(turn, "answered", { p_text: "A royal one" });
      else if (how === "word by word") await end((await begin(turn)).seq, "stop");
      else await postAsBot();
      expect(await state()).toMatchObject({ waits: null });
      const { message } = await ask("Still there?");
      expect(await state()).toMatchObject({ waits: Number(message.id) });
    },
  );

  it("leaves who writes again in what was resolved waiting from then on", async () => {
    const turn = await take();
    await ask();
    await status("resolved");
    const { message } = await ask("Still there?");
    await done(turn, "answered", { p_text: "A royal one" });
    expect(await state()).toMatchObject({ waits: Number(message.id) });
  });

  it("leaves who waits in what is snoozed waiting for it", async () => {
    const turn = await take();
    const { message } = await ask();
    await snooze();
    await done(turn, "answered", { p_text: "A royal one" });
    expect(await state()).toMatchObject({ waits: Number(message.id) });
  });
});

it("who writes again in what was resolved, and is answered by halves, waits from then on", async () => {
  await take();
  await status("resolved");
  await store.sql`delete from heddle.bot_turns where conversation_id = ${id}`;
  const { message } = await ask("Still there?");
  const { seq } = await begin(await take());
  await end(seq, "error");
  expect(await state()).toMatchObject({ waits: Number(message.id) });
});

describe("a person's reply", () => {
  it("ends turns that have not begun: no bot answers, none fails", async () => {
    const turn = await take();
    await ask();
    await reply();
    expect(await state()).toEqual({ needsHuman: false, waits: null, lines: [], turns: 0 });
    expect(await begin(turn)).toEqual({ stopped: true });
    expect(await done(turn, "failed")).toEqual({});
    await later();
    expect(await state()).toEqual({ needsHuman: false, waits: null, lines: [], turns: 0 });
    await ask();
    expect(await take()).toBeNull();
    expect(await state()).toMatchObject({ turns: 0 });
  });

  it("lets an answer go on that has begun, and nobody is fetched when that breaks off or hands over", async () => {
    for (const [ending, outcome, p_needs_human] of [["error", "failed", false], ["stop", "answered", true]]) {
      id = await store.begin("u1", "Which fern?");
      const turn = await take();
      const { seq } = await begin(turn);
      await reply();
      await end(seq, String(ending));
      await done(turn, String(outcome), { p_needs_human });
      expect(await state(), String(ending)).toEqual({ needsHuman: false, waits: null, lines: [], turns: 0 });
    }
  });
});

describe("a turn that nobody takes", () => {
  it("is given up with a line where a visitor wrote through the widget", async () => {
    await later();
    expect(await state()).toEqual({ needsHuman: true, waits: 1, lines: [NOTICE], turns: 0 });
  });

  it("is given up silently where SQL wrote the message", async () => {
    await done(await take(), "answered", { p_text: "A royal one" });
    await store
      .sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'visitor', 'By SQL')`;
    await later();
    expect(await state()).toEqual({ needsHuman: false, waits: 3, lines: [], turns: 0 });
  });
});
