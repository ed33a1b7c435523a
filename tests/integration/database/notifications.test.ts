import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { unnamed } from "../../../inbox/ui/names.ts";
import { AGENT, type Json, OLGA, ORG, PIET, STRANGER, useStore } from "./conversation_store.ts";

const store = useStore();
let others: Sql;
beforeAll(() => {
  others = postgres(store.adminUrl, { max: 8, onnotice: () => undefined });
});
afterAll(() => others.end());
beforeEach(async () => {
  await store.sql`delete from heddle.visitors`;
  await rule("needs_human", false);
  await rule("waiting", false);
  await store.sent();
});

const about = { p_agent_id: AGENT };
const rule = (p_rule: string, p_on: boolean, more: object = {}) =>
  store.visitor("set_rule", { p_rule, p_on, ...more });
const ask = (id: string, p_needs = true) =>
  store.operator(OLGA, "inbox_needs_human", { p_conversation_id: id, p_needs });
const notify = (sql: Sql = store.sql) => sql`select heddle_api.notify(${AGENT})`;
const tend = () => store.sql`select heddle_api.tend_store()`;
const centre = (userId: string): Promise<Json> => store.operator(userId, "inbox_notifications", about);
const told = async () =>
  (await store.sent()).filter(({ to }) => to === "inbox").flatMap(({ events }) => events)
    .filter(({ type }) => type.startsWith("notification:"));
const logged = async (): Promise<Json[]> => {
  const rows = await store.sql`
    select type, event, resource_id as of, data from heddle.events where source = 'notifications' order by pos`;
  return [...rows];
};
async function wait(endUser: string, minutes: number) {
  const id = await store.begin(endUser);
  await store.sql`
    update heddle.conversations set waiting_since = now() - make_interval(mins => ${minutes}) where id = ${id}`;
  return id;
}
async function since(minutes: number) {
  await store.sql`update heddle.notification_rules set on_since = now() - make_interval(mins => ${minutes})`;
}

describe("who holds a conversation", () => {
  const assign = (id: string, p_to: string | null) =>
    store.operator(OLGA, "inbox_assign", { p_conversation_id: id, p_to });

  it("is told when somebody else gave it to them, once and alone, without any rule, until they have looked", async () => {
    const id = await store.begin("u1");
    await store.sql`update heddle.visitors set name = '100% Ada'`;
    await store.sent();
    await assign(id, PIET);
    await assign(id, PIET);
    const handed = {
      conversationId: id,
      userId: PIET,
      rule: "handed_over",
      content: "Olga handed you the conversation with 100% Ada.",
      readAt: null,
    };
    expect(await centre(PIET)).toMatchObject({ unread: 1, notifications: [handed] });
    expect(await centre(OLGA)).toMatchObject({ unread: 0, notifications: [] });
    expect((await told()).map(({ type, data }) => [type, data.rule, data.userId]))
      .toEqual([["notification:new", "handed_over", PIET]]);
    await store.operator(PIET, "inbox_read", { p_conversation_id: id, p_seq: 1 });
    expect((await centre(PIET)).unread).toBe(0);
  });

  it("is told nothing when they took it themselves, nor any more once it is another's", async () => {
    const id = await store.begin("u1");
    await store.operator(OLGA, "inbox_claim", { p_conversation_id: id });
    await assign(id, OLGA);
    expect((await centre(OLGA)).notifications).toEqual([]);
    await assign(id, PIET);
    await assign(id, OLGA);
    expect([(await centre(PIET)).unread, (await centre(OLGA)).unread]).toEqual([0, 0]);
    await store.sql`update heddle.conversations set assignee_id = ${PIET} where id = ${id}`;
    expect((await centre(PIET)).notifications[0]).toMatchObject({
      content: `You were handed the conversation with ${unnamed("u1")}.`,
      readAt: null,
    });
  });

  it("is told nothing of it any more once it is nobody's, who else waits still is", async () => {
    await rule("needs_human", true);
    const id = await store.begin("u1");
    await ask(id);
    await notify();
    await assign(id, PIET);
    expect((await centre(PIET)).unread).toBe(1);
    await ask(id);
    await notify();
    await told();
    await assign(id, null);
    const { notifications } = await centre(PIET);
    expect(notifications.filter(({ readAt }: Json) => readAt === null).map(({ rule }: Json) => rule))
      .not.toContain("handed_over");
    expect((await told()).map(({ type, data }) => [type, data.rule, data.userId]))
      .toEqual([["notification:updated", "handed_over", PIET]]);
  });
});

describe("who asks for a person", () => {
  it("is told of to everybody who answers for the agent, in their lists, in open inboxes and in the log", async () => {
    await rule("needs_human", true);
    const id = await store.begin("u1");
    await store.sql`update heddle.visitors set name = E'Ada\nLovelace'`;
    await ask(id);
    await store.sent();
    await notify();
    const expected = {
      conversationId: id,
      rule: "needs_human",
      priority: "high",
      content: "Ada Lovelace needs a person.",
      readAt: null,
      dismissedAt: null,
    };
    for (const userId of [OLGA, PIET]) {
      const { unread, notifications } = await centre(userId);
      expect({ unread, notifications }).toMatchObject({
        unread: 1,
        notifications: [{ ...expected, userId }],
      });
    }
    const heard = await told();
    expect(heard.map(({ type, data }) => [type, data.userId]).sort()).toEqual([
      ["notification:new", OLGA],
      ["notification:new", PIET],
    ]);
    expect((await logged()).slice(-2)).toMatchObject([OLGA, PIET].map((userId) => ({
      type: "notification:new",
      event: "created",
      of: userId,
      data: {
        user_id: userId,
        conversation_id: id,
        priority: "high",
        content: expected.content,
        read_at: null,
      },
    })));
  });

  it("is not said to ask where a bot could not answer, also once its holder has gone", async () => {
    await rule("needs_human", true);
    await store.sql`select heddle_api.create_bot(${AGENT}, 'Fern bot', 'https://bot.example/')`;
    onTestFinished(() => store.sql`delete from heddle.bots`.then(() => undefined));
    const [failed, handed] = [await store.begin("failed"), await store.begin("handed")];
    await store.sql`update heddle.visitors set name = 'Rosa'`;
    for (const id of [failed, handed]) {
      const { forSeq, clientId } = await store.visitor("bot_take", { p_conversation_id: id });
      const [outcome, text, asks] = id === failed
        ? ["failed", null, false]
        : ["answered", "I will ask.", true];
      await store
        .sql`select heddle_api.bot_done(${id}, ${forSeq}, ${clientId}, ${outcome}, ${text}, ${asks})`;
      await notify();
    }
    const contents = async () =>
      (await centre(OLGA)).notifications.map((
        { conversationId, content }: Json,
      ) => [conversationId, content]);
    const gotNone = [failed, "Rosa got no answer from the assistant."];
    expect(await contents()).toEqual([[handed, "Rosa needs a person."], gotNone]);
    await store.operator(OLGA, "inbox_claim", { p_conversation_id: failed });
    await store.operator(OLGA, "inbox_assign", { p_conversation_id: failed, p_to: null });
    await notify();
    expect((await contents())[0]).toEqual(gotNone);
  });

  it("is told of once by many who run at once, and by whoever runs later", async () => {
    await rule("needs_human", true);
    const ids: string[] = [];
    const running = { on: true };
    const workers = Array.from({ length: 4 }, async () => {
      while (running.on) await notify(others);
    });
    for (let n = 0; n < 25; n++) {
      const id = await store.begin(`many ${n}`);
      await ask(id);
      ids.push(id);
    }
    running.on = false;
    await Promise.all(workers);
    await Promise.all([notify(others), notify(others), tend()]);
    const rows = await store.sql`
      select conversation_id as id, count(*)::int as count from heddle.notifications group by 1`;
    expect(rows.map(({ id }) => id).sort()).toEqual(ids.sort());
    expect(new Set(rows.map(({ count }) => count))).toEqual(new Set([2]));
  });

  it("is told of although another transaction that began before is still open", async () => {
    await rule("needs_human", true);
    const [slow, fast] = [await store.begin("slow"), await store.begin("fast")];
    const held = await new Promise<{ commit(): Promise<unknown> }>((resolve) => {
      const done = others.begin(async (tx) => {
        await tx`update heddle.conversations set needs_human = true where id = ${slow}`;
        await new Promise<void>((release) => {
          onTestFinished(() => release());
          resolve({ commit: () => (release(), done) });
        });
      });
    });
    await others`update heddle.conversations set needs_human = true where id = ${fast}`;
    await notify();
    const ids = async () => (await centre(OLGA)).notifications.map((each: Json) => each.conversationId);
    expect(await ids()).toEqual([fast]);
    await held.commit();
    await notify();
    expect(await ids()).toEqual([slow, fast]);
  });

  it("is neither stored nor skipped where the round fails at its end", async () => {
    await rule("needs_human", true);
    const id = await store.begin("failing");
    await ask(id);
    await others.begin(async (tx) => {
      await tx`select heddle_api.notify(${AGENT})`;
      throw new Error("down");
    }).catch(() => undefined);
    expect((await centre(OLGA)).unread).toBe(0);
    await tend();
    expect((await centre(OLGA)).notifications).toMatchObject([{ conversationId: id }]);
  });

  it("is told of nobody once somebody has come, and of the holder alone where there is one", async () => {
    await rule("needs_human", true);
    const [settled, held] = [await store.begin("settled"), await store.begin("held")];
    await ask(settled);
    await store.operator(PIET, "inbox_claim", { p_conversation_id: settled });
    await store.operator(PIET, "inbox_claim", { p_conversation_id: held });
    await ask(held);
    await notify();
    expect((await centre(OLGA)).notifications).toEqual([]);
    expect((await centre(PIET)).notifications).toMatchObject([{ conversationId: held }]);
  });

  it("is told of only while the rule is on, and nothing of what came before", async () => {
    const id = await store.begin("before");
    await ask(id);
    await rule("needs_human", true);
    await tend();
    await rule("needs_human", false);
    await ask(id, false);
    await ask(id);
    await tend();
    await rule("needs_human", true);
    await tend();
    expect((await centre(OLGA)).notifications).toEqual([]);
  });
});

describe("who waits", () => {
  it("is told of once they have waited as long as the rule says, once for each time", async () => {
    await rule("waiting", true, { p_minutes: 10 });
    await since(60);
    const id = await wait("long", 11);
    await wait("short", 9);
    await tend();
    await tend();
    expect((await centre(PIET)).notifications).toMatchObject([{
      conversationId: id,
      rule: "waiting",
      priority: "normal",
      content: `${unnamed("long")} has been waiting for an answer.`,
    }]);
    const [first] = (await centre(PIET)).notifications;
    expect(Date.now() - Date.parse(first.since)).toBeGreaterThan(10 * 60_000);
    await store.operator(OLGA, "inbox_post", {
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "Hi",
    });
    expect((await centre(PIET)).unread).toBe(0);
    await store
      .sql`update heddle.conversations set waiting_since = now() - interval '12 minutes' where id = ${id}`;
    await store.operator(OLGA, "inbox_here", { p_state: "online" });
    expect(await centre(PIET)).toMatchObject({ unread: 1, notifications: [{}, {}] });
  });

  it("is not told of where they had waited for longer when the rule was switched on", async () => {
    await wait("long ago", 30);
    await rule("waiting", true, { p_minutes: 5 });
    await tend();
    expect((await centre(OLGA)).notifications).toEqual([]);
  });
});

describe("those who ask and those who wait are told of again", () => {
  const count = async (userId: string, p_unread = true) =>
    (await centre(userId)).notifications.filter(({ rule, readAt }: Json) =>
      rule !== "handed_over" && (!p_unread || readAt === null)
    ).length;
  const askMyself = (id: string, endUser: string, p_needs = true) =>
    store.visitor("store_needs_human", { p_end_user: endUser, p_conversation_id: id, p_needs });
  const assign = (id: string, p_to: string | null) =>
    store.operator(PIET, "inbox_assign", { p_conversation_id: id, p_to });
  const claim = (id: string) => store.operator(PIET, "inbox_claim", { p_conversation_id: id });

  it("once for each who holds it after the one who was told: nobody, or a colleague", async () => {
    await rule("waiting", true, { p_minutes: 10 });
    await since(60);
    const id = await wait("passed on", 11);
    await tend();
    await claim(id);
    await tend();
    expect([await count(OLGA, false), await count(OLGA), await count(PIET)]).toEqual([1, 0, 0]);
    await assign(id, OLGA);
    await tend();
    await tend();
    expect([await count(OLGA), await count(PIET)]).toEqual([1, 0]);
    await assign(id, null);
    await tend();
    await tend();
    expect([await count(OLGA), await count(PIET)]).toEqual([2, 1]);
  });

  it("when their holder leaves the team, and when it was resolved by mistake", async () => {
    await rule("waiting", true, { p_minutes: 10 });
    await since(60);
    const id = await wait("left", 11);
    await tend();
    await claim(id);
    await store.sql`update heddle.members set every_agent = false where user_id = ${PIET}`;
    await tend();
    expect(await count(OLGA)).toBe(1);
    await store.sql`update heddle.members set every_agent = true where user_id = ${PIET}`;
    for (const p_status of ["resolved", "open"]) {
      await store.operator(OLGA, "inbox_status", { p_conversation_id: id, p_status });
    }
    await store.sql`update heddle.conversations set waiting_since = now() - interval '11 minutes'`;
    await tend();
    expect([await count(OLGA), await count(PIET)]).toEqual([1, 1]);
  });

  it("not because the first of their messages was deleted", async () => {
    await rule("waiting", true, { p_minutes: 10 });
    await since(60);
    const id = await store.begin("deletes");
    const of = { p_end_user: "deletes", p_conversation_id: id };
    await store.visitor("store_post", { ...of, p_client_id: crypto.randomUUID(), p_body: "Two" });
    await store
      .sql`update heddle.messages set created_at = now() - make_interval(mins => 20 - seq) where conversation_id = ${id}`;
    await store
      .sql`update heddle.conversations set waiting_since = now() - interval '19 minutes' where id = ${id}`;
    await tend();
    await store.visitor("store_edit", { ...of, p_seq: 1, p_body: null });
    await tend();
    expect(await count(OLGA, false)).toBe(1);
  });

  it("when the minutes are lowered below what they have waited", async () => {
    await rule("waiting", true, { p_minutes: 60 });
    await wait("half an hour", 30);
    await wait("over before", 90);
    await tend();
    expect(await count(OLGA)).toBe(0);
    await rule("waiting", true, { p_minutes: 10 });
    await tend();
    expect((await centre(OLGA)).notifications).toMatchObject([
      { content: `${unnamed("half an hour")} has been waiting for an answer.` },
    ]);
    await rule("waiting", true, { p_minutes: 5 });
    await tend();
    expect(await count(OLGA, false)).toBe(1);
  });

  it("by the holder's release, not by a claim or a hand-over", async () => {
    await rule("needs_human", true);
    const id = await store.begin("asks");
    await askMyself(id, "asks");
    await notify();
    await claim(id);
    await assign(id, OLGA);
    await notify();
    expect([await count(OLGA), await count(PIET)]).toEqual([0, 0]);
    await assign(id, null);
    await notify();
    expect([await count(OLGA), await count(PIET)]).toEqual([1, 1]);
  });

  it("with one notification each where a visitor asks, takes it back and asks again", async () => {
    await rule("needs_human", true);
    const id = await store.begin("wavers");
    for (let n = 0; n < 5; n++) {
      await askMyself(id, "wavers");
      await notify();
      expect([await count(OLGA), await count(PIET, false)]).toEqual([1, 1]);
      await askMyself(id, "wavers", false);
      expect(await count(OLGA)).toBe(0);
      await notify();
    }
    await askMyself(id, "wavers");
    await notify();
    expect([await count(OLGA), await count(OLGA, false)]).toEqual([1, 1]);
    await askMyself(id, "wavers", false);
    await store.sql`update heddle.notifications set created_at = now() - interval '6 minutes'`;
    await askMyself(id, "wavers");
    await notify();
    expect([await count(OLGA), await count(OLGA, false)]).toEqual([1, 2]);
  });

  const mailsOf = async (id: string) =>
    (await store.sql`
      select count(*)::int as n from heddle.deliveries
      where kind = 'email' and target = ${OLGA} and content ->> 'conversationId' = ${id} and status = 'queued'`)[
      0
    ]?.n;

  it.each([
    ["was answered", (p_conversation_id: string) =>
      store.operator(PIET, "inbox_post", {
        p_conversation_id,
        p_client_id: crypto.randomUUID(),
        p_body: "Here",
      })],
    ["was claimed and released", async (id: string) => {
      await claim(id);
      await askMyself(id, "again", false);
      await assign(id, null);
    }],
    [
      "was resolved, which asking opens",
      (p_conversation_id: string) =>
        store.operator(PIET, "inbox_status", { p_conversation_id, p_status: "resolved" }),
    ],
    ["was resolved and opened", async (p_conversation_id: string) => {
      for (const p_status of ["resolved", "open"]) {
        await store.operator(PIET, "inbox_status", { p_conversation_id, p_status });
      }
      await askMyself(p_conversation_id, "again", false);
    }],
  ])("with one of its own, and mails, where it %s within the five minutes", async (_, settle) => {
    await rule("needs_human", true);
    const id = await store.begin("again");
    await askMyself(id, "again");
    await notify();
    await store.sql`update heddle.deliveries set status = 'sent', ended_at = now()`;
    await settle(id);
    await notify();
    await askMyself(id, "again");
    await notify();
    expect(await count(OLGA, false)).toBeGreaterThan(1);
    expect([await count(OLGA) > 0, await mailsOf(id)]).toEqual([true, 1]);
  });

  it("with one of their own behind a bot's", async () => {
    await rule("needs_human", true);
    const id = await store.begin("failed");
    await store.sql.begin(async (tx) => {
      await tx`select set_config('heddle.by', 'BOT Fern', true)`;
      await tx`update heddle.conversations set needs_human = true where id = ${id}`;
    });
    await notify();
    await askMyself(id, "failed", false);
    await askMyself(id, "failed");
    await notify();
    expect([await count(OLGA), await count(OLGA, false)]).toEqual([1, 2]);
  });

  it("also who had dismissed it, and by a mail where it was due while it was taken back", async () => {
    await rule("needs_human", true);
    const id = await store.begin("wavers");
    await askMyself(id, "wavers");
    await notify();
    await store.operator(OLGA, "inbox_dismiss_notifications", about);
    await askMyself(id, "wavers", false);
    await store.sql`update heddle.deliveries set status = 'suppressed', ended_at = now()`;
    await askMyself(id, "wavers");
    await notify();
    expect(await centre(OLGA)).toMatchObject({
      unread: 1,
      notifications: [{ dismissedAt: null, readAt: null }],
    });
    expect(await mailsOf(id)).toBe(1);
  });

  it("in a room as well, once", async () => {
    await rule("needs_human", true);
    await store.begin("in a room");
    const { id } = await store.operator(OLGA, "inbox_create_room", {
      p_agent_id: AGENT,
      p_name: "Plants",
      p_participants: [{ role: "visitor", id: "in a room" }, { role: "operator", id: PIET }],
    });
    await store.sql`update heddle.conversations set name = 'Garden' where id = ${id}`;
    await store.sql`update heddle.conversations set needs_human = true where id = ${id}`;
    await store.sql`update heddle.conversations set name = 'Yard' where id = ${id}`;
    await notify();
    const content = "Somebody in Yard needs a person.";
    expect((await centre(PIET)).notifications).toMatchObject([
      { conversationId: id, rule: "needs_human", content },
    ]);
    await store.sql`update heddle.conversations set assignee_id = ${OLGA} where id = ${id}`;
    expect((await centre(OLGA)).notifications[0].content).toBe("You were handed the room Yard.");
  });

  it("with a mark on who only says who they are", async () => {
    await rule("needs_human", true);
    const id = await store.begin("anon_1234");
    await store.visitor("store_visitor", { p_end_user: "anon_1234", p_changes: { name: "Ada" } });
    await askMyself(id, "anon_1234");
    await notify();
    expect((await centre(OLGA)).notifications[0].content).toBe("Ada (Not verified) needs a person.");
  });
});

describe("a notification", () => {
  async function asked(endUser: string) {
    await rule("needs_human", true);
    const id = await store.begin(endUser);
    await ask(id);
    await notify();
    await store.sent();
    return id;
  }

  it("is read for who opens the conversation, and for everybody once somebody claims it", async () => {
    const id = await asked("opened");
    await store.operator(PIET, "inbox_read", { p_conversation_id: id, p_seq: 1, p_seen: false });
    expect(await told()).toEqual([]);
    await store.operator(PIET, "inbox_read", { p_conversation_id: id, p_seq: 1 });
    expect(await told()).toMatchObject([{ type: "notification:updated", data: { userId: PIET } }]);
    expect([(await centre(PIET)).unread, (await centre(OLGA)).unread]).toEqual([0, 1]);
    await store.operator(PIET, "inbox_claim", { p_conversation_id: id });
    expect(await told()).toMatchObject([{ type: "notification:updated", data: { userId: OLGA } }]);
    expect((await centre(OLGA)).unread).toBe(0);
    expect((await logged()).at(-1)).toMatchObject({
      type: "notification:updated",
      event: "updated",
      of: OLGA,
    });
  });

  it("is marked as read or dismissed by its recipient alone", async () => {
    await asked("one");
    await asked("two");
    const [second, first] = (await centre(OLGA)).notifications;
    const call = (userId: string, name: string, p_ids?: string[]) =>
      store.operator(userId, name, { ...about, ...p_ids ? { p_ids } : {} });
    await call(PIET, "inbox_dismiss_notifications", [first.id]);
    expect((await centre(OLGA)).unread).toBe(2);
    expect(await call(OLGA, "inbox_dismiss_notifications", [first.id])).toEqual({ unread: 1 });
    expect((await centre(OLGA)).notifications).toMatchObject([{ id: second.id, readAt: null }]);
    expect(await call(OLGA, "inbox_read_notifications")).toEqual({ unread: 0 });
    expect((await centre(PIET)).unread).toBe(2);
    await expect(call(STRANGER, "inbox_notifications")).rejects.toMatchObject({ code: "PT404" });
  });

  it("is listed page by page, and read up to the newest that was seen; what was handed over is told apart", async () => {
    for (let n = 0; n < 53; n++) await asked(`visitor ${n}`);
    const { notifications: newest, handed } = await centre(OLGA);
    const { notifications: older } = await store.operator(OLGA, "inbox_notifications", {
      ...about,
      p_before: newest.at(-1).id,
    });
    expect([newest.length, older.length, handed]).toEqual([50, 3, []]);
    await asked("later");
    const args = { ...about, p_until: newest[0].id };
    expect(await store.operator(OLGA, "inbox_read_notifications", args)).toEqual({ unread: 1 });
    const id = await asked("handed");
    await store.operator(PIET, "inbox_assign", { p_conversation_id: id, p_to: OLGA });
    const told = await centre(OLGA);
    expect(told.handed).toEqual([{ id: told.notifications[0].id, conversationId: id }]);
  });

  it("leaves with whom it is about, from the log too, and with a member who leaves", async () => {
    const id = await asked("erased");
    await store.sql`delete from heddle.members where user_id = ${PIET}`;
    expect([...await store.sql`select recipient from heddle.notifications`]).toEqual([{ recipient: OLGA }]);
    await store
      .sql`insert into heddle.members (org_id, user_id, name, role) values (${ORG}, ${PIET}, 'Piet', 'operator')`;
    await store.visitor("store_erase", { p_end_user: "erased" });
    expect((await centre(OLGA)).notifications).toEqual([]);
    expect((await logged()).filter(({ data }) => data.conversation_id === id && data.user_id === OLGA))
      .toEqual([]);
  });

  it("is kept for 30 days", async () => {
    await asked("old");
    await store
      .sql`update heddle.notifications set created_at = now() - interval '31 days' where recipient = ${OLGA}`;
    await tend();
    expect([(await centre(OLGA)).notifications.length, (await centre(PIET)).notifications.length]).toEqual([
      0,
      1,
    ]);
  });
});

describe("rules", () => {
  it("are switched by whoever may change settings", async () => {
    const set = (userId: string, args: object) =>
      store.operator(userId, "inbox_set_rule", { ...about, ...args });
    expect(await set(OLGA, { p_rule: "waiting", p_on: true, p_minutes: 7 })).toMatchObject({
      rules: [
        { rule: "away_reply", on: false },
        { rule: "handed_over", on: true },
        { rule: "needs_human", on: false },
        { rule: "new_message", on: false },
        { rule: "task_ended", on: false },
        { rule: "waiting", on: true, minutes: 7 },
      ],
    });
    expect(await store.operator(OLGA, "inbox_rules", about)).toMatchObject({
      rules: [{}, {}, {}, {}, {}, { on: true, minutes: 7 }],
    });
    await expect(set(PIET, { p_rule: "waiting", p_on: false })).rejects.toMatchObject({ code: "PT403" });
    await expect(set(STRANGER, { p_rule: "waiting", p_on: false })).rejects.toMatchObject({ code: "PT404" });
    for (
      const args of [{ p_rule: "other" }, { p_rule: "waiting", p_minutes: 0 }, {
        p_rule: "needs_human",
        p_minutes: 3,
      }]
    ) {
      await expect(set(OLGA, { p_on: true, ...args })).rejects.toMatchObject({ code: "PT400" });
    }
  });

  it("have an agent's events logged while one is on, and no other", async () => {
    const logs = async () =>
      (await store.sql`select logs_events from heddle.agents where id = ${AGENT}`)[0]?.logs_events;
    await store.sql`update heddle.api_keys set revoked_at = now()`;
    expect(await logs()).toBe(false);
    await rule("waiting", true);
    expect(await logs()).toBe(true);
    // That one is told of at once, by whoever hands over.
    await rule("handed_over", true);
    await rule("waiting", false);
    expect([await logs(), [...await store.sql`select from heddle.notification_cursors`]]).toEqual([
      false,
      [],
    ]);
  });
});
