import { createHash, randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { AGENT, type Json, OLGA, PIET, useStore } from "./conversation_store.ts";

const store = useStore();
let id: string;
let key: string;
beforeEach(async () => {
  key = randomUUID();
  id = await store.begin("u1", "Hello");
});

const post = (endUser: string, body: string, conversation = id, clientId = key): Promise<Json> =>
  store.visitor("store_post", {
    p_end_user: endUser,
    p_conversation_id: conversation,
    p_client_id: clientId,
    p_body: body,
  });
const reply = (userId: string, body: string): Promise<Json> =>
  store.operator(userId, "inbox_post", { p_conversation_id: id, p_client_id: key, p_body: body });
const said = async (conversation = id) => {
  const rows = await store.sql`
    select body from heddle.messages where conversation_id = ${conversation} order by seq`;
  return rows.map(({ body }) => body);
};
const room = async (...visitors: string[]): Promise<string> =>
  (await store.visitor("create_room", {
    p_name: "Ferns",
    p_participants: visitors.map((visitor) => ({ role: "visitor", id: visitor })),
  })).id;

describe("an idempotency key", () => {
  it("is its author's own: the visitor's, each operator's, the mails' and the imports'", async () => {
    for (let times = 0; times < 2; times++) {
      expect((await post("u1", "visitor")).message.text).toBe("visitor");
      expect((await reply(OLGA, "Olga")).message.text).toBe("Olga");
      expect((await reply(PIET, "Piet")).message.text).toBe("Piet");
      await store.visitor("store_import", {
        p_conversations: [{
          id,
          endUserId: "u1",
          messages: [{ clientId: key, role: "system", body: "import", createdAt: "2026-01-01T00:00:00Z" }],
        }],
      });
    }
    expect(await said()).toEqual(["Hello", "visitor", "Olga", "Piet", "import"]);
  });

  it("of a mail is its author's", async () => {
    await store.sql`update heddle.members set email = 'olga@example.com' where user_id = ${OLGA}`;
    await post("u1", "first");
    const receive = async () => {
      const recipient = createHash("sha256").update(OLGA).digest("hex").slice(0, 16);
      const mail = store.sql.json({ from: "olga@example.com", subject: "Re", body: "By mail", doubt: null });
      const [row] = await store.sql`
        select heddle_api.receive_mail(${id}, 'team', ${recipient}, ${key}, ${mail}) as answer`;
      return row?.answer.outcome;
    };
    expect([await receive(), await receive()]).toEqual(["posted", "known"]);
    expect(await said()).toEqual(["Hello", "first", "By mail"]);
  });

  it("of a note is its author's", async () => {
    const note = (userId: string, body: string) =>
      store.operator(userId, "inbox_note", { p_conversation_id: id, p_client_id: key, p_body: body });
    for (let times = 0; times < 2; times++) {
      expect((await note(OLGA, "by Olga")).note.text).toBe("by Olga");
      expect((await note(PIET, "by Piet")).note.text).toBe("by Piet");
    }
    const [row] = await store.sql`
      select count(*)::int as n from heddle.notes where conversation_id = ${id} and client_id = ${key}`;
    expect(row?.n).toBe(2);
  });

  it("is each visitor's in a room, who may be erased afterwards", async () => {
    const shared = await room("k1", "k2", "k3");
    for (let times = 0; times < 2; times++) {
      expect((await post("k1", "one", shared)).message.text).toBe("one");
      expect((await post("k2", "two", shared)).message.text).toBe("two");
    }
    expect(await said(shared)).toEqual(["one", "two"]);
    await store.visitor("store_erase", { p_end_user: "k1" });
    await store.visitor("store_erase", { p_end_user: "k2" });
    expect(await said(shared)).toEqual(["", ""]);
  });
});

describe("a bot's answer", () => {
  const take = async (conversation: string): Promise<Json> => {
    const [row] = await store.sql`select heddle_api.bot_take(${AGENT}, ${conversation}) as turn`;
    return row?.turn;
  };
  const computed = (conversation: string, seq: number) =>
    createHash("sha256").update(`["turn", "${conversation}", ${seq}]`).digest("hex").slice(0, 32)
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

  beforeEach(async () => {
    await store.sql`delete from heddle.bots`;
    await store.sql`select heddle_api.create_bot(${AGENT}, 'Fern bot', 'https://example.com/bot')`;
  });

  it("is not silenced by a visitor who writes with its key, which nobody can compute", async () => {
    for (const growing of [true, false]) {
      id = await store.begin("u1", "Which fern?");
      const { forSeq, clientId } = await take(id);
      expect(clientId).not.toBe(computed(id, forSeq));
      await post("u1", "poison", id, clientId);
      await post("u1", "more poison", id, computed(id, forSeq));
      if (growing) {
        const [begun] = await store.sql`
          select heddle_api.bot_begin(${id}, ${forSeq}, ${clientId}, 'A royal one') as answer`;
        expect(begun?.answer).toMatchObject({ stopped: false });
      } else {
        const [done] = await store.sql`
          select heddle_api.bot_done(${id}, ${forSeq}, ${clientId}, 'answered', 'A royal one') as answer`;
        expect(done?.answer.event).toMatchObject({ type: "message:new" });
      }
      expect(await said()).toEqual(["Which fern?", "poison", "more poison", "A royal one"]);
    }
  });

  it("says whether who reads along asked it, still takes part, and is in a session that was not ended", async () => {
    const reader = (endUser: string, sessionVersion = 1) => store.sql.json({ endUser, sessionVersion });
    const reads = async (conversation: string, endUser: string, version?: number) => {
      await store.sql`update heddle.bot_turns set taken_until = null where conversation_id = ${conversation}`;
      const [row] = await store.sql`
        select heddle_api.bot_take(${AGENT}, ${conversation}, null, ${reader(endUser, version)}) as turn`;
      return row?.turn.reads;
    };
    const [bot] = await store.sql`select id from heddle.bots`;
    const shared = (await store.visitor("create_room", {
      p_name: "Ferns",
      p_participants: [
        { role: "visitor", id: "k1" },
        { role: "visitor", id: "k2" },
        { role: "bot", id: bot?.id, autoRespond: "always" },
      ],
    })).id;
    await post("k2", "Which?", shared);
    expect(await reads(id, "u1").catch(() => "no turn")).toBe("no turn");
    await post("u1", "And?");
    expect([await reads(id, "u1"), await reads(id, "u2"), await reads(id, "u1", 2)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([await reads(shared, "k2"), await reads(shared, "k1")]).toEqual([true, false]);
    await store.sql`select heddle_api.remove_room_participant(${AGENT}, ${shared}, 'visitor', 'k2')`;
    expect(await reads(shared, "k2")).toBe(false);
    expect(await take(shared)).toBeNull();
  });
});
