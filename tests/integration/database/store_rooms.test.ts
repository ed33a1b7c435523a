import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { AGENT, type Json, OLGA, PIET, STRANGER, useStore } from "./conversation_store.ts";

const store = useStore();
beforeEach(() => store.sql`delete from heddle.events`);

const visitor = (id: string, more = {}) => ({ role: "visitor", id, ...more });
const create = (...participants: Json[]): Promise<Json> =>
  store.visitor("create_room", { p_name: "Ferns", p_participants: participants });
const post = (endUser: string, room: string, body: string) =>
  store.visitor("store_post", {
    p_end_user: endUser,
    p_conversation_id: room,
    p_client_id: randomUUID(),
    p_body: body,
  });
const logged = () =>
  store.sql<{ type: string; topic: string; data: Json }[]>`
    select type, concat_ws('.', source, resource, event) as topic, data from heddle.events order by pos`;

describe("a room", () => {
  it("has a name and participants, and all visitors among them read and write in it", async () => {
    const room = await create(visitor("r1", { name: "Ann" }), visitor("r2"), { role: "operator", id: OLGA });
    expect(room).toMatchObject({
      name: "Ferns",
      status: "OPEN",
      participants: [
        { role: "visitor", id: "r1", name: "Ann" },
        { role: "visitor", id: "r2" },
        { role: "operator", id: OLGA, name: "Olga" },
      ],
    });
    await post("r1", room.id, "Hello");
    await post("r2", room.id, "Hello Ann");
    const { messages, item } = await store.visitor("store_thread", {
      p_end_user: "r1",
      p_conversation_id: room.id,
    });
    expect(messages).toMatchObject([
      { text: "Hello", meta: { author: { id: "r1", name: "Ann" } } },
      { text: "Hello Ann", meta: { author: { id: "r2" } } },
    ]);
    expect(item).toMatchObject({ title: "Ferns", unread: 1, fields: { viewerId: "r1" } });
    const edit = { p_conversation_id: room.id, p_seq: 1, p_body: "Hello!" };
    await store.visitor("store_edit", { p_end_user: "r1", ...edit });
    await expect(store.visitor("store_edit", { p_end_user: "r2", ...edit })).rejects.toMatchObject({
      code: "PT404",
    });
    await expect(post("r3", room.id, "Me too")).rejects.toMatchObject({ code: "PT404" });
    const { items } = await store.visitor("store_list", { p_end_user: "r2" });
    expect(items).toMatchObject([{ id: room.id, title: "Ferns" }]);
  });

  it("is told of as a room: created, updated, deleted, and what is written in it", async () => {
    const room = await create(visitor("e1"), visitor("e2"));
    await post("e1", room.id, "Hello");
    await store.visitor("update_room", { p_room_id: room.id, p_name: "Mosses" });
    await store.operator(OLGA, "inbox_claim", { p_conversation_id: room.id });
    const events = await logged();
    expect(events.map(({ type, topic }) => `${type} ${topic}`)).toEqual([
      "room:created rooms.room.created",
      "room:updated rooms.room.updated",
      "message:new rooms.room.message_posted",
      "room:updated rooms.room.updated",
      "room:updated rooms.room.updated",
    ]);
    expect(events[1]?.data).toMatchObject({
      id: room.id,
      name: "Ferns",
      participants: [{ id: "e1" }, { id: "e2" }],
    });
    expect(events[2]?.data).toMatchObject({ room_id: room.id, content: "Hello", user_id: "e1" });
    expect(events[2]?.data).not.toHaveProperty("conversation_id");
    expect(events[3]?.data).toMatchObject({ name: "Mosses" });
    await store.visitor("delete_room", { p_room_id: room.id });
    expect((await logged()).map(({ type, topic, data }) => ({ type, topic, data }))).toEqual([
      { type: "room:deleted", topic: "rooms.room.deleted", data: { id: room.id } },
    ]);
  });

  it("takes in participants, and lets those go who are taken out: they hear and see nothing of it any more", async () => {
    const room = await create(visitor("p1"), visitor("p2"));
    const open = (endUser: string) =>
      store.visitor("store_thread", { p_end_user: endUser, p_conversation_id: room.id });
    const { conversationChannel: former } = await open("p2");
    await store.visitor("set_room_participant", {
      p_room_id: room.id,
      p_participant: visitor("p3"),
    });
    expect((await open("p3")).conversationChannel).toBe(former);
    await store.sent();
    const left = await store.visitor("remove_room_participant", {
      p_room_id: room.id,
      p_role: "visitor",
      p_id: "p2",
    });
    expect(left.participants.map(({ id }: Json) => id)).toEqual(["p1", "p3"]);
    const hints = (await store.sent()).filter(({ topic }) => topic === former);
    expect(hints.flatMap(({ events }) => events.map(({ type }) => type))).toEqual(["refresh"]);
    await expect(open("p2")).rejects.toMatchObject({ code: "PT404" });
    const { conversationChannel: channel } = await open("p1");
    expect(channel).not.toBe(former);
    await store.sent();
    await post("p1", room.id, "Just us");
    const topics = (await store.sent()).map(({ topic }) => topic);
    expect(topics).toContain(channel);
    expect(topics).not.toContain(former);
    const first = { p_room_id: room.id, p_role: "visitor", p_id: "p1" };
    await expect(store.visitor("remove_room_participant", first)).rejects.toMatchObject({ code: "PT400" });
  });

  it("is answered by the bots that take part in it, as they were told for it", async () => {
    const bot = await store.visitor("create_bot", { p_name: "Fern bot", p_url: "https://bot.example" });
    const quiet = await create(visitor("b1"));
    expect((await post("b1", quiet.id, "Hello")).answering).toBe(false);
    const room = await create(visitor("b1"), { role: "bot", id: bot.id, autoRespond: "always" });
    expect((await post("b1", room.id, "Hello")).answering).toBe(true);
    await store.visitor("set_room_participant", {
      p_room_id: quiet.id,
      p_participant: { role: "bot", id: bot.id },
    });
    expect((await post("b1", quiet.id, "Hello?")).answering).toBe(true);
    await store.visitor("remove_bot", { p_bot_id: bot.id });
  });

  it("is made and changed by members of the team, deleted by owners, and nobody else's", async () => {
    const made = await store.operator(PIET, "inbox_create_room", {
      p_agent_id: AGENT,
      p_name: " Team and Ann ",
      p_participants: [visitor("t1"), { role: "operator", id: PIET }],
    });
    expect(made.name).toBe("Team and Ann");
    const renamed = { p_room_id: made.id, p_name: "All" };
    expect(await store.operator(OLGA, "inbox_update_room", renamed)).toMatchObject({ name: "All" });
    await expect(store.operator(STRANGER, "inbox_update_room", renamed)).rejects.toMatchObject({
      code: "PT404",
    });
    const conversation = await store.begin("t1");
    await expect(store.operator(OLGA, "inbox_update_room", { ...renamed, p_room_id: conversation })).rejects
      .toMatchObject({ code: "PT404" });
    const gone = { p_room_id: made.id };
    await expect(store.operator(PIET, "inbox_delete_room", gone)).rejects.toMatchObject({ code: "PT403" });
    expect(await store.operator(OLGA, "inbox_delete_room", gone)).toEqual({ id: made.id, deleted: true });
  });

  it.each([
    ["one participant in place of a list", visitor("x")],
    ["nobody but the team", [{ role: "operator", id: OLGA }]],
    ["a stranger for an operator", [visitor("x"), { role: "operator", id: STRANGER }]],
    ["a bot that there is not", [visitor("x"), { role: "bot", id: STRANGER }]],
    ["a role that there is not", [visitor("x"), { role: "ghost", id: "1" }]],
    ["a visitor without an id", [visitor("x"), { role: "visitor" }]],
  ])("is not made with %s", async (_, participants) => {
    await expect(store.visitor("create_room", { p_name: "Ferns", p_participants: participants })).rejects
      .toMatchObject({ code: "PT400" });
  });
});

describe("a person", () => {
  it("who says another name or address is told of, once", async () => {
    await store.begin("n1");
    await store.sql`delete from heddle.events`;
    const say = (changes: Json) => store.visitor("store_visitor", { p_end_user: "n1", p_changes: changes });
    await say({ name: "Nora", email: "nora@shop.example" });
    await say({ name: "Nora" });
    const events = (await logged()).filter(({ topic }) => topic.startsWith("users."));
    expect(events).toMatchObject([{
      type: "user:updated",
      topic: "users.user.updated",
      data: { user_id: `${AGENT}/n1`, user_name: "Nora", user_email: "nora@shop.example" },
    }]);
  });
});
