import { beforeEach, describe, expect, it } from "vitest";
import { AGENT, type Json, OLGA, useStore } from "./conversation_store.ts";

const store = useStore();
let id: string;
let botId: string;
beforeEach(async () => {
  await store.sql`delete from heddle.bots`;
  botId = (await store.visitor("create_bot", { p_name: "Fern bot", p_url: "https://bot.example" })).id;
  id = await store.begin("vera", "one");
});

const write = (p_body: string) =>
  store.visitor("store_post", {
    p_end_user: "vera",
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body,
  });
const take = (): Promise<Json> => store.visitor("bot_take", { p_conversation_id: id });

/** Calls a function that knows the conversation by its id alone. */
async function bot(name: string, args: Record<string, string | number | boolean>): Promise<Json> {
  const names = ["p_conversation_id", ...Object.keys(args)];
  const list = names.map((each, at) => `${each} => $${at + 1}`).join(", ");
  const [row] = await store.sql.unsafe(
    `select heddle_api.${name}(${list}) as answer`,
    [id, ...Object.values(args)] as never[],
  );
  return row?.answer;
}
const answered = ({ forSeq, clientId }: Json, p_text: string, more: Record<string, string> = {}) =>
  bot("bot_done", { p_for_seq: forSeq, p_client_id: clientId, p_outcome: "answered", p_text, ...more });

/** Since which message of the visitor's the team is told that they wait. */
async function waitsFor(): Promise<string | null> {
  const [row] = await store.sql`
    select body from heddle.conversations conversation
    join heddle.messages message on conversation_id = conversation.id and message.created_at = waiting_since
    where conversation.id = ${id}`;
  return row?.body ?? null;
}

const DROPS: [string, () => Promise<unknown>][] = [
  ["is removed", () => store.visitor("remove_bot", { p_bot_id: botId })],
  ["is to answer nothing here any more", () =>
    store.sql`
      update heddle.participants set auto_respond = 'never' where conversation_id = ${id} and bot = ${botId}`],
];

describe.each(DROPS)("a bot that %s", (_, drop) => {
  it("leaves the visitor waiting for what was queued behind its last answer", async () => {
    await write("two");
    await write("three");
    const turn = await take();
    await answered(turn, "to one");
    expect(await waitsFor()).toBe("two");
    await drop();
    expect(await take()).toBeNull();
    expect(await waitsFor()).toBe("two");
    const { rows } = await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT, p_view: "waiting" });
    expect(rows.map((row: Json) => row.id)).toContain(id);
  });

  it("leaves the visitor waiting behind an answer that it is in the middle of", async () => {
    await write("two");
    const { forSeq, clientId } = await take();
    const { seq } = await bot("bot_begin", { p_for_seq: forSeq, p_client_id: clientId, p_text: "to " });
    await drop();
    await bot("stream_end", { p_seq: seq, p_text: "to one", p_done: "stop" });
    expect(await waitsFor()).toBe("two");
  });
});

it("who has the answer to each of their messages waits no more", async () => {
  await write("two");
  await answered(await take(), "to one");
  await answered(await take(), "to two");
  expect(await waitsFor()).toBeNull();
});

describe("an answer that is not whole leaves the visitor waiting as before:", () => {
  it.each(["error", "cancelled"])("one that grew and ended with %s", async (done) => {
    const { forSeq, clientId } = await take();
    const { seq } = await bot("bot_begin", { p_for_seq: forSeq, p_client_id: clientId, p_text: "to " });
    await bot("stream_end", { p_seq: seq, p_text: "to o", p_done: done });
    await bot("bot_done", { p_for_seq: forSeq, p_client_id: clientId, p_outcome: "answered" });
    expect(await waitsFor()).toBe("one");
  });

  it("one whose writer is gone", async () => {
    const { forSeq, clientId } = await take();
    await bot("bot_begin", { p_for_seq: forSeq, p_client_id: clientId, p_text: "to " });
    await store.sql`update heddle.message_streams set updated_at = now() - interval '1 hour'`;
    await store.sql`select heddle_api.tend_store()`;
    expect(await waitsFor()).toBe("one");
  });

  it("one that came at once and was cut, which its status says", async () => {
    const { event } = await answered(await take(), "to o", { p_done: "cancelled" });
    expect(event.data.message).toMatchObject({ text: "to o", status: "cancelled" });
    expect(await waitsFor()).toBe("one");
  });
});

it("tells a bot and the team whether the site says who a visitor is", async () => {
  const told = async () => {
    const { endUser } = await take();
    const { row, visitor } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    return [endUser.identified, row.identified, visitor.identified];
  };
  expect(await told()).toEqual([true, true, true]);
  id = await store.begin(`anon_${"0".repeat(32)}`);
  expect(await told()).toEqual([false, false, false]);
});
