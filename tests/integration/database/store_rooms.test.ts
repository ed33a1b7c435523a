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
    expect((await store.operator(OLGA, "inbox_visitor", { p_conversation_id: room.id })).room)
      .toMatchObject({ id: room.id, name: "Ferns", participants: room.participants });
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

  it("of whom something else is said is told to the team in each room that they take part in", async () => {
    const room = await create(visitor("n2"), visitor("n3"));
    const own = await store.begin("n3");
    await store.sent();
    await store.visitor("store_visitor", {
      p_end_user: "n3",
      p_changes: { attributes: { Plan: "Botanist" } },
    });
    const told = (await store.sent()).filter(({ to }) => to === "inbox")
      .flatMap(({ events }) => events.map(({ type, data }) => [type, data.conversationId]));
    const updated = [["conversation:updated", room.id], ["conversation:updated", own]];
    expect(told.toSorted()).toEqual(updated.toSorted());
  });
});

it("what is known of who writes in a conversation that others began is kept, and told of once", async () => {
  const room = await create(visitor("w1"), visitor("w2"));
  const page = (title: string) => ({
    title,
    url: "https://ann:secret@shop.example/a?key=1#b",
    locale: "de",
    timeZone: "UTC",
  });
  const write = (p_visitor: object | null, p_page: object | null) =>
    store.visitor("store_post", {
      p_end_user: "w2",
      p_conversation_id: room.id,
      p_client_id: randomUUID(),
      p_body: "Hello",
      p_visitor,
      p_page,
    });
  const known = async () =>
    (await store
      .sql`select name, email, page ->> 'title' as title from heddle.visitors where end_user_id = 'w2'`)[0];
  await write({ name: "Will", email: "will@home.example" }, page("Ferns"));
  expect(await known()).toEqual({ name: "Will", email: "will@home.example", title: "Ferns" });
  const [before] = await store.sql`select xmin from heddle.visitors where end_user_id = 'w2'`;
  await write({ name: "Will", email: "will@home.example" }, page("Ferns"));
  expect((await store.sql`select xmin from heddle.visitors where end_user_id = 'w2'`)[0]).toEqual(before);
  await write(null, page("Mosses"));
  await write(null, null);
  expect(await known()).toEqual({ name: "Will", email: "will@home.example", title: "Mosses" });
  const [kept] = await store.sql`select page ->> 'url' as url from heddle.visitors where end_user_id = 'w2'`;
  expect(kept?.url).toBe("https://shop.example/a");
  await expect(write({ name: "W".repeat(201) }, null)).rejects.toMatchObject({ code: "PT400" });
});

describe("in a room", () => {
  it("each visitor's list has their own count, and says whether the newest message is theirs", async () => {
    const room = await create(visitor("l1"), visitor("l2"), visitor("l3"));
    const lists = new Map(
      await Promise.all(["l1", "l2", "l3"].map(async (id): Promise<[string, string]> => {
        const { listChannel } = await store.visitor("store_list", { p_end_user: id });
        return [listChannel, id];
      })),
    );
    await post("l2", room.id, "Hello");
    await store.visitor("store_read", { p_end_user: "l3", p_conversation_id: room.id, p_seq: 1 });
    await store.sent();
    await post("l2", room.id, "Anybody?");
    const heard = (await store.sent()).filter(({ to }) => to === "list").map(({ topic, events }) => {
      const data = (type: string) => events.find((event) => event.type === type)?.data;
      return [
        lists.get(topic),
        data("conversation:updated")?.unread,
        data("conversation:view-update")?.message.role,
      ];
    });
    expect(heard.toSorted()).toEqual([["l1", 2, "AGENT"], ["l2", 0, "USER"], ["l3", 1, "AGENT"]]);
    const roles = await Promise.all(["l1", "l2"].map(async (id) => {
      const { items } = await store.visitor("store_list", { p_end_user: id });
      return items[0].previewRole;
    }));
    expect(roles).toEqual(["operator", "visitor"]);
  });

  it("visitors do not hear whom it was made with, the team does", async () => {
    const room = await create(visitor("first"), visitor("second"));
    await store.sent();
    await post("second", room.id, "Hello");
    const sent = (await store.sent()).flatMap(({ to, events }) =>
      events.filter(({ type }) => type === "message:new").map(({ data }) => [to, data.conversation.psid])
    );
    expect(Object.fromEntries(sent)).toEqual({ conversation: undefined, inbox: "first" });
  });

  it("what grows is told on the names that its channel has by then", async () => {
    const room = await create(visitor("s1"), visitor("s2"));
    const { conversationChannel: former } = await store.visitor("store_thread", {
      p_end_user: "s2",
      p_conversation_id: room.id,
    });
    const frame = { conversationId: room.id, messageId: "1", index: 0, offset: 0, delta: "a" };
    const tell = async () => {
      await store.sent();
      await store.sql`select heddle_api.stream_tell(${room.id}, 'message_stream', ${store.sql.json(frame)})`;
      return (await store.sent()).map(({ topic }) => topic);
    };
    expect(await tell()).toEqual([former]);
    await store.visitor("remove_room_participant", {
      p_room_id: room.id,
      p_role: "visitor",
      p_id: "s2",
    });
    const { conversationChannel: channel } = await store.visitor("store_thread", {
      p_end_user: "s1",
      p_conversation_id: room.id,
    });
    expect(await tell()).toEqual([channel]);
    await store.sql`
      update heddle.agent_secrets set signing_current = signing_current || 'x' where agent_id = ${AGENT}`;
    expect(await tell()).not.toContain(channel);
  });

  it("a bot is told of whoever asked it, not of whom the room was made with", async () => {
    const bot = await store.visitor("create_bot", { p_name: "Asked", p_url: "https://bot.example" });
    const room = await create(visitor("q1", { name: "Quin" }), visitor("q2", { name: "Ray" }), {
      role: "bot",
      id: bot.id,
    });
    await post("q2", room.id, "Where is my order?");
    const turn = await store.visitor("bot_take", { p_conversation_id: room.id });
    expect(turn.endUser).toMatchObject({ id: "q2", name: "Ray" });
    await store.visitor("remove_bot", { p_bot_id: bot.id });
  });

  it("nothing counts that an operator types about a visitor, and an address is kept without blanks", async () => {
    const claims = { name: "The Boss", email: "boss@shop.example" };
    const room = await store.operator(PIET, "inbox_create_room", {
      p_agent_id: AGENT,
      p_name: "In\u202efo",
      p_participants: [visitor("typed-1", claims)],
    });
    await store.operator(PIET, "inbox_set_participant", {
      p_room_id: room.id,
      p_participant: visitor("typed-2", claims),
    });
    await store.visitor("set_room_participant", {
      p_room_id: room.id,
      p_participant: visitor("said", { name: "Sam", email: "  sam@shop.example " }),
    });
    expect(room.name).toBe("Info");
    const { participants } = await store.operator(OLGA, "inbox_visitor", { p_conversation_id: room.id });
    expect(participants.map(({ id, name, email }: Json) => [id, name, email])).toEqual([
      ["typed-1", null, null],
      ["typed-2", null, null],
      ["said", "Sam", "sam@shop.example"],
    ]);
  });

  it("an owner exports and erases each of its visitors, and nobody who is not in it", async () => {
    const room = await create(visitor("d1"), visitor("d2"));
    await store.begin("d3");
    const about = (id: string) => ({ p_conversation_id: room.id, p_end_user: id });
    expect(await store.operator(OLGA, "inbox_export_visitor", about("d2"))).toMatchObject({
      endUser: { id: "d2" },
    });
    await expect(store.operator(OLGA, "inbox_erase_visitor", about("d3"))).rejects.toMatchObject({
      code: "PT404",
    });
    await store.operator(OLGA, "inbox_erase_visitor", about("d1"));
    const { visitor: first, participants } = await store.operator(OLGA, "inbox_visitor", {
      p_conversation_id: room.id,
    });
    expect([first.id, participants.length]).toEqual(["d2", 1]);
  });

  it("there are at most a hundred participants, however they come", async () => {
    const room = await create(...Array.from({ length: 100 }, (_, at) => visitor(`crowd-${at}`)));
    const one = { p_room_id: room.id, p_participant: visitor("one-more") };
    await expect(store.visitor("set_room_participant", one)).rejects.toMatchObject({ code: "PT400" });
    await expect(store.operator(OLGA, "inbox_set_participant", one)).rejects.toMatchObject({ code: "PT400" });
    const known = { p_room_id: room.id, p_participant: visitor("crowd-7") };
    expect((await store.visitor("set_room_participant", known)).participants).toHaveLength(100);
  });
});
