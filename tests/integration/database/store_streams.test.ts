import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { AGENT, type Json, OLGA, STRANGER, useStore } from "./conversation_store.ts";

const store = useStore();
/** A conversation of `u1` with one message of theirs. */
let id: string;

beforeEach(async () => {
  id = await store.begin("u1", "Which fern?");
  await store.sent();
});

const server = (name: string, args: Record<string, unknown>) =>
  store.sql.begin(async (tx) => {
    await tx`select set_config('role', 'service_role', true)`;
    const names = Object.keys(args);
    const list = names.map((each, at) => `${each} => $${at + 1}`).join(", ");
    const [row] = await tx.unsafe(
      `select heddle_api.${name}(${list}) as answer`,
      Object.values(args) as never[],
    );
    return row?.answer as Json;
  });

const begin = (text = "A ") =>
  server("stream_begin", {
    p_conversation_id: id,
    p_client_id: randomUUID(),
    p_author_id: "b1",
    p_author_name: "Fern bot",
    p_text: text,
  });
const grow = (offset: number, delta: string, index = 1) =>
  server("stream_grow", {
    p_conversation_id: id,
    p_seq: 2,
    p_index: index,
    p_offset: offset,
    p_delta: delta,
  });
const end = (text: string, done = "stop") =>
  server("stream_end", { p_conversation_id: id, p_seq: 2, p_text: text, p_done: done });
const thread = () => store.visitor("store_thread", { p_end_user: "u1", p_conversation_id: id });
const typesTo = async (to: string) =>
  (await store.sent()).filter((each) => each.to === to).flatMap(({ events }) => events);

describe("a message that grows", () => {
  it("begins as a new message with the status streaming, for visitors, lists and the team", async () => {
    const { seq, event } = await begin();
    expect(seq).toBe(2);
    const sent = await store.sent();
    const [told] = sent.filter(({ to }) => to === "conversation").flatMap(({ events }) => events);
    expect(told).toMatchObject({
      type: "message:new",
      data: {
        seq: 2,
        message: {
          id: "2",
          text: "A ",
          role: "BOT",
          status: "streaming",
          meta: { author: { name: "Fern bot" } },
        },
      },
    });
    // Whoever asked reads the same from the function as others hear.
    expect({ type: event.type, data: event.data }).toEqual({ type: told?.type, data: told?.data });
    const team = sent.filter(({ to }) => to === "inbox").flatMap(({ events }) =>
      events.map(({ type }) => type)
    );
    expect(team).toEqual(["message:new", "conversation:updated", "conversation:view-update"]);
  });

  it("tells by what it grew, and from where on, to the conversation and to the team", async () => {
    await begin();
    await store.sent();
    expect(await grow(2, "royal 🌿 fern", 3)).toEqual({ stopped: false, reads: false });
    const frame = {
      type: "message_stream",
      data: { conversationId: id, messageId: "2", index: 3, offset: 2, delta: "royal 🌿 fern" },
    };
    expect((await store.sent()).map(({ to, events }) => ({ to, events }))).toMatchObject([
      { to: "conversation", events: [frame] },
      { to: "inbox", events: [frame] },
    ]);
    // The fern takes two units, as in JavaScript.
    expect(await grow("A royal 🌿 fern".length, ".")).toEqual({ stopped: false, reads: false });
    await expect(grow(3, "?")).rejects.toMatchObject({ code: "PT400" });
  });

  it("shows what there is of it to whoever comes in between", async () => {
    await begin();
    await grow(2, "royal fern");
    const entry = { id: "2", text: "A royal fern", status: "streaming" };
    expect((await thread()).messages.at(-1)).toMatchObject(entry);
    const since = { p_conversation_id: id, p_after_seq: 2 };
    const { messages, seq } = await store.visitor("store_changes", { p_end_user: "u1", ...since });
    expect({ messages, seq }).toMatchObject({ messages: [entry], seq: 2 });
    const opened = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    expect(opened.messages.at(-1)).toMatchObject(entry);
    const changes = await store.operator(OLGA, "inbox_thread_changes", {
      p_conversation_id: id,
      p_after_rev: opened.rev,
    });
    expect(changes.messages).toMatchObject([entry]);
  });

  it("ends as a message like all others, counted once, with its text in the lists", async () => {
    await begin();
    await grow(2, "royal");
    await store.sent();
    await end("A royal fern.");
    const sent = await store.sent();
    expect(sent.filter(({ to }) => to === "conversation").flatMap(({ events }) => events)).toMatchObject([
      { type: "message_stream", data: { offset: 7, delta: "", done: "stop", index: 2 } },
      { type: "message:updated", data: { seq: 3, message: { id: "2", text: "A royal fern." } } },
    ]);
    expect(sent.filter(({ to }) => to === "list").flatMap(({ events }) => events)).toMatchObject([
      { type: "conversation:view-update", data: { message: { text: "A royal fern." } } },
      { type: "conversation:updated", data: { unread: 1, messageCount: 2 } },
    ]);
    const { messages, item } = await thread();
    expect(messages.at(-1)).not.toHaveProperty("status");
    expect(messages.at(-1).meta).not.toHaveProperty("editedAt");
    expect(item).toMatchObject({ unread: 1, preview: "A royal fern." });
    expect(await store.sql`select from heddle.message_streams where conversation_id = ${id}`).toHaveLength(0);
    expect(await store.sql`select from heddle.message_revisions where conversation_id = ${id}`).toHaveLength(
      0,
    );
    expect(await grow(7, " too late")).toEqual({ stopped: true });
    await end("Something else");
    expect((await thread()).messages.at(-1).text).toBe("A royal fern.");
  });

  it("is found by its words once it is whole", async () => {
    await begin("Osmu");
    await end("Osmunda regalis");
    const found = await store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text: "osmunda" });
    expect(JSON.stringify(found)).toContain(id);
  });

  it("is stopped by its visitor, or by an operator, and by nobody else", async () => {
    await begin();
    const stop = { p_conversation_id: id, p_seq: 2 };
    await expect(store.visitor("store_stop", { p_end_user: "u2", ...stop })).rejects.toMatchObject({
      code: "PT404",
    });
    await expect(store.operator(STRANGER, "inbox_stop", stop)).rejects.toMatchObject({ code: "PT404" });
    expect(await grow(2, "royal ")).toEqual({ stopped: false, reads: false });
    expect(await store.visitor("store_stop", { p_end_user: "u1", ...stop })).toEqual({ stopped: true });
    expect(await grow(8, "fern")).toEqual({ stopped: true });
    await end("A royal ", "cancelled");
    expect((await thread()).messages.at(-1)).toMatchObject({ text: "A royal ", status: "cancelled" });
    expect(await store.operator(OLGA, "inbox_stop", stop)).toEqual({ stopped: false });
  });

  it("is ended where it stands once nobody writes it any more", async () => {
    await begin();
    await grow(2, "royal");
    await store
      .sql`update heddle.message_streams set updated_at = now() - interval '31 seconds' where conversation_id = ${id}`;
    await store.sent();
    await server("tend_store", {});
    expect(await typesTo("conversation")).toMatchObject([
      { type: "message_stream", data: { done: "error" } },
      { type: "message:updated", data: { message: { text: "A royal", status: "error" } } },
    ]);
    await begin("Next");
    await store
      .sql`update heddle.message_streams set updated_at = now() - interval '11 seconds' where conversation_id = ${id}`;
    await store.operator(OLGA, "inbox_stop", { p_conversation_id: id, p_seq: 4 });
    expect((await thread()).messages.at(-1)).toMatchObject({ text: "Next", status: "cancelled" });
  });

  it("begins once for each key", async () => {
    const again = {
      p_conversation_id: id,
      p_client_id: randomUUID(),
      p_author_id: "b1",
      p_author_name: "Bot",
    };
    await server("stream_begin", { ...again, p_text: "A" });
    await expect(server("stream_begin", { ...again, p_text: "B" })).rejects.toMatchObject({ code: "PT409" });
  });
});
