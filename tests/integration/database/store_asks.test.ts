import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  AGENT,
  type Arguments,
  type ConversationStore,
  createStore,
  type Json,
  OLGA,
  PIET,
} from "./conversation_store.ts";

let store: ConversationStore;
let id: string;
beforeAll(async () => {
  store = await createStore();
  // Its events are in the log then.
  await store.visitor("set_rule", { p_rule: "needs_human", p_on: true });
});
afterAll(() => store.drop());
beforeEach(async () => {
  await store.sql`delete from heddle.bots`;
  await store.sql`delete from heddle.events`;
  id = await store.begin("vera");
});

const act = (who: string, name: string, args: Arguments = {}) =>
  store.operator(who, name, { p_conversation_id: id, ...args });
const ask = (p_needs = true) =>
  store.visitor("store_needs_human", { p_end_user: "vera", p_conversation_id: id, p_needs });
const status = (p_status: string, more: Arguments = {}) => act(OLGA, "inbox_status", { p_status, ...more });
const write = (p_body = "Hello?") =>
  store.visitor("store_post", {
    p_end_user: "vera",
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body,
  });
const reply = (who: string) => act(who, "inbox_post", { p_client_id: crypto.randomUUID(), p_body: "Here" });
const rowOf = async (): Promise<Json> => (await act(OLGA, "inbox_thread")).row;
const lastLine = async (): Promise<Json> =>
  (await act(OLGA, "inbox_thread")).notes.filter(({ change }: Json) => change).at(-1).change;
const inNeed = async () =>
  (await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT, p_view: "needs_human" })).rows.some(
    (row: Json) => row.id === id,
  );
const logged = async () =>
  (await store.sql`select event, data from heddle.events where resource_id = ${id} order by pos`)
    .map(({ event, data }): [string, Json] => [event, data]);

const putAway: Record<string, () => Promise<unknown>> = {
  resolved: () => status("resolved"),
  snoozed: () => status("snoozed", { p_seconds: 3600 }),
};
const ways: Record<string, () => Promise<unknown>> = {
  "the visitor's button": () => ask(),
  "an operator": () => act(PIET, "inbox_needs_human", { p_needs: true }),
  SQL: () => store.sql`update heddle.conversations set needs_human = true where id = ${id}`,
};

describe.each(Object.keys(putAway))("who asks for a person in what is %s", (was) => {
  it.each(Object.keys(ways))("by %s opens it, to be seen where a person is needed", async (way) => {
    await putAway[was]?.();
    await ways[way]?.();
    expect(await rowOf()).toMatchObject({ status: "OPEN", needsHuman: true, snoozedUntil: null });
    expect(await inNeed()).toBe(true);
    expect(await lastLine()).toMatchObject({ was: was.toUpperCase(), status: "OPEN", needsHuman: true });
    const [reopened, escalated] = (await logged()).slice(-2);
    expect([reopened?.[0], escalated?.[0]]).toEqual(["reopened", "escalated"]);
    expect(escalated?.[1]).toMatchObject({ status: "OPEN", needs_human: true, change: { needsHuman: true } });
  });

  it("is told so, in the list too, and their team of it", async () => {
    await putAway[was]?.();
    const { item } = await ask();
    expect(item).toMatchObject({ status: "OPEN", fields: { needsHuman: true } });
    await store.sql`select heddle_api.notify(${AGENT})`;
    const { notifications } = await store.operator(PIET, "inbox_notifications", { p_agent_id: AGENT });
    expect(notifications[0]).toMatchObject({ conversationId: id, rule: "needs_human", readAt: null });
  });
});

describe.each(Object.keys(putAway))("a bot whose turn ends in what was %s meanwhile", (was) => {
  const done = async (p_outcome: string, p_needs_human: boolean) => {
    const turn = await store.visitor("bot_take", { p_conversation_id: id });
    await act(PIET, "inbox_claim").catch(() => undefined);
    await act(PIET, "inbox_assign", { p_to: null });
    await putAway[was]?.();
    await store.sql`select heddle_api.bot_done(
      p_conversation_id => ${id}, p_for_seq => ${turn.forSeq}, p_client_id => ${turn.clientId},
      p_outcome => ${p_outcome}, p_text => ${
      p_needs_human ? "I fetch somebody" : null
    }, p_needs_human => ${p_needs_human})`;
  };

  it.each([["fails", "failed", false], ["hands over", "answered", true]] as const)(
    "and who %s opens it: nobody is promised a person whom nobody fetches",
    async (_, outcome, handsOver) => {
      await store.visitor("create_bot", { p_name: "Fern", p_url: "https://bot.example/" });
      id = await store.begin("vera");
      await done(outcome, handsOver);
      expect(await rowOf()).toMatchObject({ status: "OPEN", needsHuman: true });
      expect((await rowOf()).waitingSince).not.toBeNull();
      expect(await lastLine()).toMatchObject({ by: "BOT", was: was.toUpperCase(), needsHuman: true });
      expect((await logged()).at(-1)?.[0]).toBe("escalated");
    },
  );

  it("opens it for its holder too", async () => {
    await store.visitor("create_bot", {
      p_name: "Fern",
      p_url: "https://bot.example/",
      p_auto_respond: "always",
    });
    id = await store.begin("vera");
    const turn = await store.visitor("bot_take", { p_conversation_id: id });
    await act(PIET, "inbox_claim");
    await putAway[was]?.();
    await store.sql`select heddle_api.bot_done(${id}, ${turn.forSeq}, ${turn.clientId}, 'failed')`;
    expect(await rowOf()).toMatchObject({ status: "OPEN", needsHuman: false, assignee: { id: PIET } });
  });
});

describe("who asks for a person waits from then on, though they were answered before", () => {
  const bot = () =>
    store.sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'Fine')`;
  const waits = async () => (await rowOf()).waitingSince;
  const first = async () => (await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT })).rows[0].id;
  const inWaiting = async () =>
    (await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT, p_view: "waiting" })).rows.some(
      (row: Json) => row.id === id,
    );

  it.each(Object.keys(ways))("asked by %s, on top of the lists", async (way) => {
    await bot();
    await store.begin("other");
    expect([await waits(), await inWaiting(), await first() === id]).toEqual([null, false, false]);
    await ways[way]?.();
    expect([await inWaiting(), await first() === id]).toEqual([true, true]);
    const since = await waits();
    await write();
    await bot();
    expect(await waits()).toBe(since);
    await act(PIET, "inbox_claim");
    await bot();
    expect(await waits()).toBe(since);
    await reply(PIET);
    expect(await waits()).toBeNull();
  });

  it("which their list marks as asked, and not what others ask", async () => {
    const fields = async () =>
      (await store.visitor("store_thread", { p_end_user: "vera", p_conversation_id: id })).item.fields;
    await store.sent();
    await ask();
    expect(await fields()).toEqual({ needsHuman: true, asked: true });
    const told = (await store.sent()).filter(({ to }) => to === "list").flatMap(({ events }) => events);
    expect(told.at(-1)?.data).toMatchObject({ needsHuman: true, asked: true });
    await ask(false);
    await act(PIET, "inbox_needs_human", { p_needs: true });
    expect(await fields()).toEqual({ needsHuman: true });
  });

  it("until it is taken back, and is told of", async () => {
    await store.visitor("set_rule", { p_rule: "waiting", p_on: true, p_minutes: 1 });
    await bot();
    await ask();
    const { wait } = (await store.sql`select wait from heddle.conversations where id = ${id}`)[0] ?? {};
    await ask(false);
    expect(await waits()).toBeNull();
    await write();
    const since = await waits();
    await ask();
    await ask(false);
    expect(await waits()).toBe(since);
    expect((await store.sql`select wait from heddle.conversations where id = ${id}`)[0]?.wait).toBe(wait + 1);
    await store.visitor("set_rule", { p_rule: "waiting", p_on: false });
  });

  it("also where the message or the answer behind it is deleted, and where it was resolved by mistake", async () => {
    const { message } = await write();
    await ask();
    const remove = (seq: number) =>
      store.visitor("store_edit", { p_end_user: "vera", p_conversation_id: id, p_seq: seq, p_body: null });
    await remove(1);
    await remove(Number(message.id));
    const [asked] = await store.sql`
      select waiting_since = asked_since as "isSo" from heddle.conversations where id = ${id}`;
    expect(asked?.isSo).toBe(true);
    const since = await waits();
    await status("resolved");
    expect(await waits()).toBeNull();
    await status("open");
    expect(await waits()).toBe(since);
    const answer = await reply(PIET);
    expect(await waits()).toBeNull();
    await act(PIET, "inbox_edit", { p_seq: Number(answer.message.id), p_body: null });
    expect(await waits()).toBeNull();
  });
});

describe("who asked for a person and got no answer", () => {
  const ends: Record<string, () => Promise<unknown>> = {
    "its holder releases it": () => act(PIET, "inbox_assign", { p_to: null }),
    "its holder leaves the team": async () => {
      await store.operator(OLGA, "inbox_remove_member", { p_agent_id: AGENT, p_user_id: PIET });
      await store.visitor("invite_member", { p_user_id: PIET, p_name: "Piet" });
    },
  };

  it.each(Object.keys(ends))("needs one again when %s", async (end) => {
    await ask();
    await act(PIET, "inbox_claim");
    expect(await inNeed()).toBe(false);
    await ends[end]?.();
    expect(await inNeed()).toBe(true);
    expect(await lastLine()).toMatchObject({ from: { id: PIET }, needsHuman: true, again: true });
    expect((await logged()).slice(-2).map(([event]) => event)).toEqual(["released", "escalated"]);
  });

  it.each([["resolved"], ["snoozed"]])(
    "needs one again when what was %s is opened by the team",
    async (was) => {
      await ask();
      await putAway[was]?.();
      expect(await rowOf()).toMatchObject({ needsHuman: false });
      await status("open");
      expect(await inNeed()).toBe(true);
    },
  );

  it("needs none once somebody has written, it was taken back, or they write again of what was resolved", async () => {
    await ask();
    await act(PIET, "inbox_claim");
    await reply(PIET);
    await act(PIET, "inbox_assign", { p_to: null });
    expect(await rowOf()).toMatchObject({ needsHuman: false, assignee: null });
    await ask();
    await ask(false);
    await act(PIET, "inbox_claim");
    await act(PIET, "inbox_assign", { p_to: null });
    expect(await rowOf()).toMatchObject({ needsHuman: false });
    await ask();
    await status("resolved");
    await write();
    expect(await rowOf()).toMatchObject({ status: "OPEN", needsHuman: false });
  });
});

describe("what a visitor did behind what the operator saw", () => {
  const said: [string, () => Promise<unknown>, string][] = [
    ["a message", () => write(), "Vera wrote in the meantime."],
    [
      "a change of one",
      () =>
        store.visitor("store_edit", {
          p_end_user: "vera",
          p_conversation_id: id,
          p_seq: 1,
          p_body: "Not that one!",
        }),
      "Vera wrote in the meantime.",
    ],
    ["a wish for a person", () => ask(), "Vera asked for a person in the meantime."],
  ];
  const closings: [string, (p_seen_rev?: number) => Promise<Json>][] = [
    ["resolved", (p_seen_rev) => status("resolved", p_seen_rev === undefined ? {} : { p_seen_rev })],
    [
      "snoozed",
      (p_seen_rev) =>
        status("snoozed", { p_seconds: 60, ...(p_seen_rev === undefined ? {} : { p_seen_rev }) }),
    ],
  ];
  beforeEach(() => store.sql`update heddle.visitors set name = 'Vera' where end_user_id = 'vera'`);

  it.each(said)("%s keeps it open, in a list as well, and is seen", async (_, say, detail) => {
    const { rev } = await rowOf();
    await say();
    for (const [name, close] of closings) {
      await expect(close(rev), name).rejects.toMatchObject({ code: "PT409", message: "conflict", detail });
    }
    const other = await store.begin("other");
    const many = (revs: object) =>
      store.operator(OLGA, "inbox_resolve_many", { p_agent_id: AGENT, p_ids: [other, id], ...revs });
    expect(await many({ p_seen_revs: [1, rev] })).toEqual({ resolved: [other], unseen: [id] });
    expect(await rowOf()).toMatchObject({ status: "OPEN" });
    for (const [name, close] of closings) {
      await expect(close((await rowOf()).rev), name).resolves.toMatchObject({
        row: { status: name.toUpperCase() },
      });
      await status("open");
    }
    expect(await many({})).toEqual({ resolved: [id], unseen: [] });
  });

  it("counts as seen for who does not say what they saw", async () => {
    await write();
    for (const [name, close] of closings) {
      expect((await close()).row.status, name).toBe(name.toUpperCase());
      await status("open");
    }
  });

  it("is nothing where it was deleted or taken back, and colleagues and bots may have done anything", async () => {
    const { rev } = await rowOf();
    const { message } = await write();
    await store.visitor("store_edit", {
      p_end_user: "vera",
      p_conversation_id: id,
      p_seq: Number(message.id),
      p_body: null,
    });
    await ask();
    await ask(false);
    await reply(PIET);
    await act(PIET, "inbox_note", { p_client_id: crypto.randomUUID(), p_body: "Done" });
    await store.sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'Fine')`;
    expect((await status("resolved", { p_seen_rev: rev })).row.status).toBe("RESOLVED");
  });

  it("is a message that comes while it is being resolved: one of the two wins, and it stays open", async () => {
    for (let n = 0; n < 10; n++) {
      const { rev } = await rowOf();
      await Promise.allSettled([write(`Message ${n}`), status("resolved", { p_seen_rev: rev })]);
      expect(await rowOf()).toMatchObject({ status: "OPEN" });
    }
  });
});
