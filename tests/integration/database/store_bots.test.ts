import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { AGENT, type Json, OLGA, PIET, useStore } from "./conversation_store.ts";

const store = useStore();
let botId: string;
/** A conversation of `u1` whose first message waits for the bot. */
let id: string;

beforeEach(async () => {
  await store.sql`delete from heddle.bots`;
  botId =
    (await store.visitor("create_bot", { p_name: "Fern bot", p_url: "https://bot.example/x?key=1" })).id;
  id = await store.begin("u1", "One");
});

const take = (more = {}): Promise<Json> => store.visitor("bot_take", { p_conversation_id: id, ...more });
const server = (name: string, args: Record<string, unknown>): Promise<Json> =>
  store.sql.begin(async (tx) => {
    await tx`select set_config('role', 'service_role', true)`;
    const list = Object.keys(args).map((each, at) => `${each} => $${at + 1}`).join(", ");
    const [row] = await tx.unsafe(
      `select heddle_api.${name}(${list}) as answer`,
      Object.values(args) as never[],
    );
    return row?.answer;
  });
const done = (turn: Json, outcome: string, more = {}) =>
  server("bot_done", {
    p_conversation_id: id,
    p_for_seq: turn.forSeq,
    p_client_id: turn.clientId,
    p_outcome: outcome,
    ...more,
  });
const write = (body: string) =>
  store.visitor("store_post", {
    p_end_user: "u1",
    p_conversation_id: id,
    p_client_id: randomUUID(),
    p_body: body,
  });
const thread = () => store.visitor("store_thread", { p_end_user: "u1", p_conversation_id: id });
const roles = async () => (await thread()).messages.map(({ role }: Json) => role);
const waiting = async () =>
  (await store.sql`select for_seq from heddle.bot_turns where conversation_id = ${id} order by for_seq`).map((
    { for_seq },
  ) => for_seq);

describe("a visitor's message", () => {
  it("waits for the bot, and is told with what was said before, but not with what waits for its own turn", async () => {
    await write("Two");
    const turn = await take();
    expect(turn).toMatchObject({
      forSeq: 1,
      agentId: AGENT,
      bot: { id: botId, name: "Fern bot", url: "https://bot.example/x?key=1" },
      conversation: { id, claimed: false },
      endUser: { id: "u1" },
      message: { text: "One" },
      history: [],
    });
    expect(await take()).toBeNull();
    await done(turn, "answered", { p_text: "To one" });
    expect(await take()).toMatchObject({ forSeq: 2, history: [{ text: "One" }, { text: "To one" }] });
  });

  it("is answered once, by one bot, and what a bot or the team writes by none", async () => {
    await store.visitor("create_bot", { p_name: "Second", p_url: "https://second.example" });
    const turn = await take();
    await done(turn, "answered", { p_text: "Yes" });
    expect(await done(turn, "answered", { p_text: "Again" })).toEqual({});
    await store.operator(OLGA, "inbox_post", {
      p_conversation_id: id,
      p_client_id: randomUUID(),
      p_body: "Hi",
    });
    expect(await waiting()).toEqual([]);
    expect(await roles()).toEqual(["USER", "BOT", "AGENT"]);
  });

  it("is not answered once it was deleted, or its conversation claimed, before its turn came", async () => {
    await store.visitor("store_edit", { p_end_user: "u1", p_conversation_id: id, p_seq: 1, p_body: null });
    expect(await take()).toBeNull();
    await write("Two");
    await store.operator(PIET, "inbox_claim", { p_conversation_id: id });
    expect(await take()).toBeNull();
    await write("Three");
    expect(await waiting()).toEqual([]);
  });

  it("is not answered behind a person's reply, claimed or not, until the visitor begins anew or it is released", async () => {
    const reply = () =>
      store.operator(OLGA, "inbox_post", { p_conversation_id: id, p_client_id: randomUUID(), p_body: "Hi" });
    const asked = async () => (await write("And?"), await waiting()).length;
    const autoBot = async () =>
      (await store.operator(OLGA, "inbox_thread", { p_conversation_id: id })).row.autoBot;
    const status = (p_status: string) =>
      store.operator(OLGA, "inbox_status", { p_conversation_id: id, p_status });
    expect(await autoBot()).toBe(true);
    await store.sent();
    await reply();
    const events = (await store.sent()).flatMap((each) => each.events);
    expect(events.find(({ type }) => type === "message:new")?.data.conversation.autoBot).toBe(false);
    expect([await asked(), await autoBot()]).toEqual([0, false]);
    const { row } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    expect(row.waitingSince).not.toBeNull();
    await status("resolved");
    expect(await autoBot()).toBe(true);
    await status("open");
    expect([await asked(), await autoBot()]).toEqual([0, false]);
    await status("resolved");
    expect([await asked(), await autoBot()]).toEqual([1, true]);
    await reply();
    await store.operator(PIET, "inbox_claim", { p_conversation_id: id });
    await store.operator(PIET, "inbox_assign", { p_conversation_id: id, p_to: null });
    expect([await asked(), await autoBot()]).toEqual([1, true]);
  });

  it("that is deleted while a bot is asked gets no answer, and what has begun is stopped", async () => {
    const remove = (p_seq: number) =>
      store.visitor("store_edit", { p_end_user: "u1", p_conversation_id: id, p_seq, p_body: null });
    for (
      const end of [
        (turn: Json) => done(turn, "answered", { p_text: "To one" }),
        (turn: Json) => done(turn, "failed"),
      ]
    ) {
      const { message } = await write("Quick");
      const turns = [await take()];
      if (turns[0].forSeq !== Number(message.id)) {
        await done(turns[0], "answered");
        turns.unshift(await take());
      }
      await remove(Number(message.id));
      expect(await end(turns[0])).toEqual({});
    }
    expect((await thread()).messages.filter(({ role }: Json) => role !== "USER")).toEqual([]);
    expect((await thread()).item.fields).toEqual({});
    const { message } = await write("Long");
    const turn = await take();
    const { seq } = await server("bot_begin", {
      p_conversation_id: id,
      p_for_seq: turn.forSeq,
      p_client_id: turn.clientId,
      p_text: "Well",
    });
    await remove(Number(message.id));
    const grown = { p_conversation_id: id, p_seq: seq, p_index: 0, p_offset: 4, p_delta: ", " };
    expect(await server("stream_grow", grown)).toMatchObject({ stopped: true });
    await done(turn, "failed");
    expect((await thread()).item.fields).toEqual({});
  });

  it("that is changed while a bot is asked keeps its answer", async () => {
    const turn = await take();
    await store.visitor("store_edit", { p_end_user: "u1", p_conversation_id: id, p_seq: 1, p_body: "1" });
    await done(turn, "answered", { p_text: "To one" });
    expect(await roles()).toEqual(["USER", "BOT"]);
  });

  it("is answered by a bot that always does, also where an operator holds the conversation", async () => {
    await store
      .sql`update heddle.participants set auto_respond = 'always' where conversation_id = ${id} and role = 'bot'`;
    await store.operator(PIET, "inbox_claim", { p_conversation_id: id });
    await done(await take(), "answered", { p_text: "Still here" });
    expect(await roles()).toEqual(["USER", "BOT"]);
  });

  it("is nobody's to take who has no part in the conversation", async () => {
    await expect(take({ p_end_user: "u2" })).rejects.toMatchObject({ code: "PT404" });
    await expect(store.visitor("bot_take", { p_conversation_id: id, p_agent_id: randomUUID() })).rejects
      .toMatchObject({ code: "PT404" });
  });
});

describe("a bot", () => {
  it("that hands over asks for a person in its name, and answers no more until that is over", async () => {
    await done(await take(), "answered", { p_text: "I will ask.", p_needs_human: true });
    const opened = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    expect(opened).toMatchObject({
      row: { needsHuman: true },
      notes: [{ author: { name: "Fern bot" }, change: { by: "BOT", needsHuman: true } }],
    });
    await write("Thanks");
    expect(await waiting()).toEqual([]);
    await store.operator(OLGA, "inbox_needs_human", { p_conversation_id: id, p_needs: false });
    await write("One more");
    expect(await waiting()).toHaveLength(1);
  });

  it("that is claimed away while it thinks says nothing, and fails silently", async () => {
    const turn = await take();
    await store.operator(PIET, "inbox_claim", { p_conversation_id: id });
    const begin = { p_conversation_id: id, p_for_seq: 1, p_client_id: turn.clientId, p_text: "Well" };
    expect(await server("bot_begin", begin)).toEqual({ stopped: true });
    await done(turn, "failed");
    expect(await roles()).toEqual(["USER"]);
  });

  it.each([
    ["nobody has called for a minute", "asked_at = now() - interval '61 seconds'"],
    ["whose caller is gone", "taken_until = now() - interval '1 second'"],
  ])("%s has failed: a line says so and a person is asked for, once", async (_, change) => {
    await write("Two");
    await store.sql.unsafe(
      `update heddle.bot_turns set ${change} where conversation_id = '${id}' and for_seq = 1`,
    );
    await server("tend_store", {});
    await server("tend_store", {});
    expect(await roles()).toEqual(["USER", "USER", "SYSTEM"]);
    // Lists go on showing what the visitor said, and hear of a change to it.
    const row = async () => (await store.operator(OLGA, "inbox_thread", { p_conversation_id: id })).row;
    expect((await row()).lastMessage).toMatchObject({ text: "Two", role: "USER" });
    await store.visitor("store_edit", {
      p_end_user: "u1",
      p_conversation_id: id,
      p_seq: 2,
      p_body: "Three",
    });
    expect((await row()).lastMessage).toMatchObject({ text: "Three", role: "USER" });
    expect((await thread()).item.fields).toEqual({ needsHuman: true });
    expect(await waiting()).toEqual([]);
  });

  it("whose caller is gone after it began is not called again, and a person is asked for", async () => {
    const turn = await take();
    const begin = { p_conversation_id: id, p_for_seq: 1, p_client_id: turn.clientId, p_text: "Well" };
    await server("bot_begin", begin);
    await write("Two");
    await store.sql`update heddle.bot_turns set taken_until = now() - interval '1 second' where for_seq = 1`;
    expect(await take()).toBeNull();
    await store.sql`update heddle.message_streams set updated_at = now() - interval '31 seconds'`;
    await server("tend_store", {});
    const { messages, item } = await thread();
    expect(messages[1]).toMatchObject({ text: "Well", status: "error" });
    expect(item.fields).toEqual({ needsHuman: true });
    expect(await take()).toBeNull();
  });

  it("that is removed answers nothing any more; what it wrote stays", async () => {
    await done(await take(), "answered", { p_text: "Yes" });
    await write("Two");
    expect(await store.visitor("remove_bot", { p_bot_id: botId })).toBe(true);
    expect(await take()).toBeNull();
    expect(await roles()).toEqual(["USER", "BOT", "USER"]);
    const { row } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    expect(row.autoBot).toBe(false);
    expect(await store.visitor("remove_bot", { p_bot_id: botId })).toBe(false);
  });

  it("is changed by owners alone, in conversations that it has begun too unless it was told otherwise there", async () => {
    const change = (p_changes: object, who = OLGA) =>
      store.operator(who, "inbox_update_bot", { p_agent_id: AGENT, p_bot_id: botId, p_changes });
    const autoBot = async (of: string) =>
      (await store.operator(OLGA, "inbox_thread", { p_conversation_id: of })).row.autoBot;
    await take();
    const other = await store.begin("u2", "Hello");
    await store
      .sql`update heddle.participants set auto_respond = 'always' where conversation_id = ${other} and role = 'bot'`;
    expect(await change({ name: " Ask  Fern ", url: "https://new.example/a?key=2" })).toMatchObject({
      id: botId,
      name: "Ask Fern",
      host: "new.example",
      autoRespond: "unclaimed",
    });
    expect(await autoBot(id)).toBe(true);
    await change({ autoRespond: "never" });
    expect([await autoBot(id), await autoBot(other)]).toEqual([false, true]);
    await change({ autoRespond: "unclaimed" });
    expect([await autoBot(id), await autoBot(other)]).toEqual([true, true]);
    await store.visitor("create_bot", { p_name: "Second", p_url: "https://second.example" });
    for (
      const [p_changes, code] of [
        [{ name: "second" }, "PT409"],
        [{ name: "" }, "PT400"],
        [{ name: 7 }, "PT400"],
        [{ url: "ftp://new.example" }, "PT400"],
        [{ autoRespond: "sometimes" }, "PT400"],
      ] as const
    ) {
      await expect(change(p_changes), JSON.stringify(p_changes)).rejects.toMatchObject({ code });
    }
    await expect(change({ name: "Mine" }, PIET)).rejects.toMatchObject({ code: "PT403" });
    const nobody = { p_bot_id: randomUUID(), p_changes: {} };
    expect(await store.visitor("update_bot", nobody)).toBeNull();
    await expect(store.operator(OLGA, "inbox_update_bot", { p_agent_id: AGENT, ...nobody }))
      .rejects.toMatchObject({ code: "PT404" });
  });

  it("has its secret replaced by owners alone, and signs with the former one too while that counts", async () => {
    const { secret: former } = (await take()).bot;
    const rotated = await store.operator(OLGA, "inbox_rotate_bot", { p_agent_id: AGENT, p_bot_id: botId });
    expect(rotated.secret).toMatch(/^whsec_.{44}$/);
    const next = async () => {
      id = await store.begin("u2", "Hello");
      return (await take()).bot;
    };
    expect(await next()).toMatchObject({ secret: rotated.secret, previousSecret: former });
    const [bot] = await store.visitor("list_bots");
    expect(Math.round((Date.parse(bot.previousUntil) - Date.now()) / 3_600_000)).toBe(24);
    expect(JSON.stringify(bot)).not.toContain("whsec_");

    const { secret } = await store.visitor("rotate_bot", { p_bot_id: botId, p_grace: "0 seconds" });
    expect(await next()).toMatchObject({ secret, previousSecret: null });
    expect(await store.visitor("list_bots")).toMatchObject([{ previousUntil: null }]);

    const other = { p_agent_id: AGENT, p_bot_id: randomUUID() };
    expect(await store.visitor("rotate_bot", other)).toBeNull();
    await expect(store.operator(OLGA, "inbox_rotate_bot", other)).rejects.toMatchObject({ code: "PT404" });
    await expect(store.operator(PIET, "inbox_rotate_bot", { ...other, p_bot_id: botId }))
      .rejects.toMatchObject({ code: "PT403" });
  });

  it("stands in a new conversation's row at once, without another event", async () => {
    await store.sent();
    const other = await store.begin("u9");
    const inbox = (await store.sent()).filter(({ to }) => to === "inbox").flatMap(({ events }) => events);
    expect(inbox.find(({ type }) => type === "conversation:new")?.data.conversation).toMatchObject({
      id: other,
      autoBot: true,
    });
    expect(inbox.filter(({ type }) => type === "conversation:updated")).toHaveLength(2);
  });
});
