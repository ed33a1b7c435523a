import { randomUUID } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AGENT, type ConversationStore, createStore, type Json, OLGA, PIET } from "./conversation_store.ts";

let store: ConversationStore;
let holding: Sql;
beforeAll(async () => {
  store = await createStore();
  holding = postgres(store.adminUrl, { max: 2, onnotice: () => {} });
});
afterAll(async () => {
  await holding.end();
  await store.drop();
});

const person = (id: string, name?: string) => ({ role: "visitor", id, name });
const create = (...participants: Json[]): Promise<Json> =>
  store.visitor("create_room", { p_name: "Ferns", p_participants: participants });
const post = (endUser: string, room: string, body: string) =>
  store.visitor("store_post", {
    p_end_user: endUser,
    p_conversation_id: room,
    p_client_id: randomUUID(),
    p_body: body,
  });
const edit = (endUser: string, room: string, seq: number, body: string | null) =>
  store.visitor("store_edit", { p_end_user: endUser, p_conversation_id: room, p_seq: seq, p_body: body });
const erase = (endUser: string) => store.visitor("store_erase", { p_end_user: endUser });
const open = (endUser: string, room: string) =>
  store.visitor("store_thread", { p_end_user: endUser, p_conversation_id: room });
const takeOut = (endUser: string, room: string) =>
  store.visitor("remove_room_participant", { p_room_id: room, p_role: "visitor", p_id: endUser });

/** Every row of the schema that says one of these words. */
async function rowsThatSay(words: RegExp): Promise<string[]> {
  const tables = await store.sql<{ name: string }[]>`
    select format('heddle.%I', tablename) as name from pg_tables
    where schemaname = 'heddle' and tablename <> 'events'`;
  const found = await Promise.all(
    tables.map(({ name }) =>
      store.sql.unsafe(`select t::text as row from ${name} t where t::text ~* $1`, [words.source])
    ),
  );
  return found.flatMap((rows, at) => rows.map(({ row }) => `${tables[at]?.name}: ${row}`));
}

/** Has the team told that somebody waits there. */
async function waitsForLong(room: string) {
  await store.visitor("set_rule", { p_rule: "waiting", p_on: true, p_minutes: 1 });
  await store.sql`update heddle.notification_rules set on_since = now() - interval '1 hour'`;
  await store.sql`
    update heddle.conversations set waiting_since = now() - interval '2 minutes' where id = ${room}`;
  await store.visitor("notify");
}

describe("an erased visitor", () => {
  it("leaves nothing in rooms, those they were taken out of included, and the others keep theirs", async () => {
    const kept = await create(person("zoe-1", "Zoe Quartz"), person("abe"), { role: "operator", id: OLGA });
    const left = await create(person("abe"), person("zoe-1"));
    await post("zoe-1", kept.id, "zoesecret one");
    await edit("zoe-1", kept.id, 1, "zoesecret two");
    await post("zoe-1", kept.id, "zoesecret three");
    await edit("zoe-1", kept.id, (await open("zoe-1", kept.id)).messages.at(-1).id, null);
    await post("abe", kept.id, "mine stays");
    await post("zoe-1", left.id, "zoesecret four");
    await takeOut("zoe-1", left.id);
    await store.visitor("update_room", { p_room_id: kept.id, p_name: "Mosses" });
    await waitsForLong(kept.id);
    expect(await rowsThatSay(/zoesecret|zoe-1|Zoe Quartz/)).not.toEqual([]);

    expect(await erase("zoe-1")).toEqual({ conversations: 0, messages: 2 });
    expect(await rowsThatSay(/zoesecret|zoe-1|Zoe Quartz/)).toEqual([]);
    const { messages } = await open("abe", kept.id);
    expect(messages.map(({ text, meta }: Json) => [text, meta.author, "deletedAt" in meta])).toEqual([
      ["", { id: "" }, true],
      ["", { id: "" }, true],
      ["mine stays", { id: "abe" }, false],
    ]);
    const { people, messages: found } = await store.operator(OLGA, "inbox_search", {
      p_agent_id: AGENT,
      p_text: "zoesecret",
    });
    expect([people, found]).toEqual([[], []]);
    const { rows } = await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT });
    expect(rows.find(({ id }: Json) => id === kept.id)).toMatchObject({ psid: "abe", customerName: null });
    const told = await store.sql`select content from heddle.notifications where conversation_id = ${kept.id}`;
    expect(new Set(told.map(({ content }) => content))).toEqual(
      new Set(["Somebody in Mosses has been waiting for an answer."]),
    );
  });

  it("leaves no mail to them, sent, waiting or refused, and the others keep theirs", async () => {
    const room = await create(person("xia-1"), person("abe-1"));
    await store.sql`
      update heddle.visitors set email = end_user_id || '@home.example' where end_user_id in ('xia-1', 'abe-1')`;
    await store.visitor("set_rule", {
      p_rule: "away_reply",
      p_on: true,
      p_settings: { channels: ["email"] },
    });
    await store.operator(OLGA, "inbox_post", {
      p_conversation_id: room.id,
      p_client_id: randomUUID(),
      p_body: "Here",
    });
    await store.visitor("notify");
    await store.sql`
      update heddle.deliveries set
        status = 'dead', ended_at = now(), last_error = '550 no such user: ' || (
          select email from heddle.visitors where id = (content ->> 'visitorId')::bigint
        )
      where kind = 'email' and target = ${room.id}`;
    const mails = async () =>
      (await store.sql`
        select last_error from heddle.deliveries where kind = 'email' and target = ${room.id} order by id`)
        .map(({ last_error }) => last_error.split(": ")[1]);
    expect((await mails()).sort()).toEqual(["abe-1@home.example", "xia-1@home.example"]);
    await erase("xia-1");
    expect(await mails()).toEqual(["abe-1@home.example"]);
    expect(await rowsThatSay(/xia-1/)).toEqual([]);
  });

  it("is named in no event whose recipient has left the team", async () => {
    const id = await store.begin("yan-1", "Hello");
    await store.visitor("store_visitor", { p_end_user: "yan-1", p_changes: { name: "Yan Umber" } });
    await waitsForLong(id);
    await store.visitor("remove_member", { p_user_id: PIET });
    await erase("yan-1");
    expect(await rowsThatSay(/yan-1|Yan Umber/)).toEqual([]);
  });

  it("hears nothing more of a room, and who stays is told on the name that they know", async () => {
    const room = await create(person("una"), person("ben"));
    const { conversationChannel: former, listChannel } = {
      ...await open("una", room.id),
      ...await store.visitor("store_list", { p_end_user: "ben" }),
    };
    await store.sent();
    await erase("una");
    const sent = await store.sent();
    const types = (topic: string) =>
      sent.filter((each) => each.topic === topic).flatMap(({ events }) => events.map(({ type }) => type));
    expect(types(former)).toEqual(["refresh"]);
    expect(types(listChannel)).toContain("refresh");
    const { conversationChannel: channel } = await open("ben", room.id);
    expect(channel).not.toBe(former);
    await post("ben", room.id, "Just us");
    expect((await store.sent()).map(({ topic }) => topic)).not.toContain(former);
  });

  it("takes rooms along in which nobody else is left, under the name that its channel has by then", async () => {
    const room = await create(person("ida"), person("jon"));
    await takeOut("jon", room.id);
    const { conversationChannel } = await open("ida", room.id);
    await store.sent();
    expect(await erase("ida")).toMatchObject({ conversations: 1 });
    expect((await store.sent()).map(({ topic }) => topic)).toContain(conversationChannel);
    expect(await store.sql`select from heddle.conversations where id = ${room.id}`).toHaveLength(0);
  });

  const codeOf = (work: Promise<unknown>) => work.then(() => "ok", (error: { code?: string }) => error.code);
  const calls = {
    post: (id: string, room: string, sql?: Sql) => {
      const message = { p_conversation_id: room, p_client_id: randomUUID(), p_body: "latesecret" };
      return store.visitor("store_post", { p_end_user: id, ...message }, sql);
    },
    erase: (id: string, _room: string, sql?: Sql) => store.visitor("store_erase", { p_end_user: id }, sql),
  };

  it.each(
    [
      ["post", "erase", "ok"],
      ["erase", "post", "PT404"],
    ] as const,
  )("leaves nothing of a message written at the same moment: %s, then %s", async (first, second, code) => {
    const id = `late-${first}`;
    const room = await create(person("host"), person(id));
    let late: Promise<string | undefined> = Promise.resolve("");
    await holding.begin(async (tx) => {
      // The tests' caller opens a transaction of its own: this one holds it open.
      await calls[first](
        id,
        room.id,
        Object.assign(tx, { begin: (run: (on: unknown) => unknown) => run(tx) }) as never,
      );
      await tx`reset role`;
      late = codeOf(calls[second](id, room.id));
      await expect.poll(async () => {
        const waiting = await store.sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        return waiting.length;
      }, { interval: 5 }).toBeGreaterThan(0);
    });
    expect(await late).toBe(code);
    expect(await rowsThatSay(new RegExp(`latesecret|${id}`))).toEqual([]);
  });

  it("and one whom they share a room with are both erased at the same time", async () => {
    for (let round = 0; round < 6; round++) {
      const pair = [`twin-a-${round}`, `twin-b-${round}`];
      const rooms = await Promise.all([
        create(...pair.map((id) => person(id))),
        create(...pair.toReversed().map((id) => person(id))),
      ]);
      await Promise.all(rooms.flatMap(({ id }) => pair.map((each) => post(each, id, "twinsecret"))));
      await Promise.all(pair.map(erase));
      expect(await rowsThatSay(/twin-[ab]-|twinsecret/)).toEqual([]);
    }
  });
});

describe("an export", () => {
  it("holds what a person wrote in rooms they were taken out of, and former texts of theirs alone", async () => {
    const room = await create(person("kim"), person("lou"));
    await post("kim", room.id, "kim before");
    await post("lou", room.id, "lou before");
    await edit("kim", room.id, 1, "kim after");
    await edit("lou", room.id, 2, "lou after");
    const exported = (endUser: string) =>
      store.visitor("store_export", { p_end_user: endUser }).then(({ conversations }) => conversations);
    expect(await exported("lou")).toMatchObject([{
      messages: [{ text: "kim after" }, { text: "lou after" }],
      replaced: [{ text: "lou before" }],
    }]);
    await takeOut("lou", room.id);
    await post("kim", room.id, "kim later");
    expect(await exported("lou")).toMatchObject([{
      id: room.id,
      messages: [{ text: "lou after" }],
      replaced: [{ text: "lou before" }],
    }]);
    expect(JSON.stringify(await exported("lou"))).not.toContain("kim");
  });
});

it("a message that is deleted is found by none of its words", async () => {
  const id = await store.begin("mia", "xylophone");
  await edit("mia", id, 1, null);
  expect(await store.sql`select from heddle.message_words where words::text ~ 'xylophone'`).toHaveLength(0);
});
