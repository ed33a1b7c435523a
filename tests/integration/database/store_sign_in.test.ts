import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { AGENT, type Json, OLGA, ORG, useStore } from "./conversation_store.ts";

const store = useStore();

const someone = () => `anon_${randomBytes(16).toString("hex")}`;
const signIn = (anonymous: string, endUser: string, said: object | null = null) =>
  store.visitor("store_sign_in", { p_anonymous: anonymous, p_end_user: endUser, p_visitor: said });
const idsOf = async (endUser: string): Promise<string[]> =>
  (await store.visitor("store_list", { p_end_user: endUser })).items.map(({ id }: Json) => id);
const post = (endUser: string, id: string | null, body: string) =>
  store.visitor("store_post", {
    p_end_user: endUser,
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: body,
  });

describe("who signs in", () => {
  it("has what they wrote before, beside what they had, and goes on in it", async () => {
    const anonymous = someone();
    const own = await store.begin("ada-1", "mine");
    const [first, second] = [
      await store.begin(anonymous, "before"),
      await store.begin(anonymous, "once more"),
    ];
    expect(await signIn(anonymous, "ada-1", { name: "Ada", email: "ada@example.com" })).toEqual({
      conversations: 2,
    });
    expect((await idsOf("ada-1")).sort()).toEqual([own, first, second].sort());
    expect(await idsOf(anonymous)).toEqual([]);
    await post("ada-1", first, "and now");
    const { messages } = await store.visitor("store_thread", {
      p_end_user: "ada-1",
      p_conversation_id: first,
    });
    expect(messages.map(({ text }: Json) => text)).toEqual(["before", "and now"]);
    expect(await store.operator(OLGA, "inbox_visitor", { p_conversation_id: first })).toMatchObject({
      visitor: { id: "ada-1", name: "Ada", email: "ada@example.com" },
    });
  });

  it("was first seen when they first wrote, by whichever name", async () => {
    const [early, late] = [someone(), someone()];
    const id = await store.begin(early, "hello");
    await store
      .sql`update heddle.visitors set created_at = '2026-01-02T03:04:05Z' where end_user_id = ${early}`;
    await signIn(early, "eve-1");
    await store.begin(late, "hello again");
    await signIn(late, "eve-1");
    const { visitor } = await store.operator(OLGA, "inbox_visitor", { p_conversation_id: id });
    expect(new Date(visitor.firstSeenAt).toISOString()).toBe("2026-01-02T03:04:05.000Z");
  });

  it("is called as the site says, not as they called themselves", async () => {
    const anonymous = someone();
    const id = await store.begin(anonymous, "hello");
    await store.visitor("store_visitor", {
      p_end_user: anonymous,
      p_changes: { name: "The director", email: "boss@shop.example" },
    });
    await signIn(anonymous, "bob-1", {});
    const { visitor } = await store.operator(OLGA, "inbox_visitor", { p_conversation_id: id });
    expect(visitor).toMatchObject({ id: "bob-1", name: null, email: null });
    const left = await store
      .sql`select name, email, page from heddle.visitors where end_user_id = ${anonymous}`;
    expect(left).toEqual([{ name: null, email: null, page: null }]);
  });

  it("answers mails of before by mail: from the same address, or as the team finds it held", async () => {
    const anonymous = someone();
    const id = await store.begin(anonymous, "Is it in stock?");
    const [row] = await store.sql`
      update heddle.visitors set email = 'ann@home.example' where end_user_id = ${anonymous} returning id::text`;
    const receive = async (from: string, body: string) => {
      const mail = store.sql.json({ from, subject: "Re", body, doubt: null });
      const [answer] = await store.sql`select heddle_api.receive_mail(
        ${id}, 'visitor', ${row?.id}, gen_random_uuid(), ${mail}) ->> 'outcome' as outcome`;
      return answer?.outcome;
    };
    const said = async () =>
      (await store.visitor("store_thread", { p_end_user: "ann-1", p_conversation_id: id })).messages
        .map(({ text }: Json) => text);
    expect(await receive("ann@work.example", "Held before.")).toBe("held");
    await signIn(anonymous, "ann-1", { email: "ann@home.example" });
    expect(await receive("ann@home.example", "Two, please.")).toBe("posted");
    expect(await receive("ann@work.example", "Held after.")).toBe("held");
    expect(await said()).toEqual(["Is it in stock?", "Two, please."]);
    const list = await store.operator(OLGA, "inbox_undelivered", { p_agent_id: AGENT });
    const held = list.undelivered.find(({ text }: Json) => text === "Held before.");
    await store.operator(OLGA, "inbox_retry_undelivered", { p_agent_id: AGENT, p_ids: [held.id] });
    expect(await said()).toEqual(["Is it in stock?", "Two, please.", "Held before."]);
    await store.visitor("store_erase", { p_end_user: "ann-1" });
    expect(await store.sql`select from heddle.held_mails`).toEqual([]);
    expect(await receive("ann@home.example", "Hello?")).toBe("refused");
  });

  it("is told of by a line at its place, and to every subscriber and list", async () => {
    await store.sql`update heddle.agents set logs_events = true where id = ${AGENT}`;
    const anonymous = someone();
    const id = await store.begin(anonymous, "hello");
    await store.sent();
    await signIn(anonymous, "cleo-1", { name: "Cleo" });
    const sent = await store.sent();
    expect(sent.map(({ to, events }) => [to, events[0]?.type])).toEqual([
      ["conversation", "refresh"],
      ["list", "refresh"],
      ["list", "refresh"],
      ...sent.slice(3).map(() => ["inbox", "conversation:updated"]),
    ]);
    expect(sent[1]?.topic).toContain(anonymous);
    expect(sent[2]?.topic).toContain("cleo-1");
    expect(sent.length).toBeGreaterThan(3);
    const { notes } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    expect(notes).toMatchObject([{ text: "", afterSeq: 1, change: { by: "USER", signedIn: true } }]);
    const logged = await store.sql`
      select type, data -> 'change' as change from heddle.events
      where org_id = ${ORG} and resource_id = ${id} and data ? 'change'`;
    expect(logged).toEqual([{ type: "conversation:updated", change: { by: "USER", signedIn: true } }]);
  });

  it("hears it on a channel that nobody who listened before knows", async () => {
    const anonymous = someone();
    const id = await store.begin(anonymous, "hello");
    const thread = { p_conversation_id: id };
    const { conversationChannel: former } = await store.visitor("store_thread", {
      p_end_user: anonymous,
      ...thread,
    });
    await signIn(anonymous, "dan-1");
    await expect(store.visitor("store_thread", { p_end_user: anonymous, ...thread }))
      .rejects.toMatchObject({ code: "PT404" });
    await expect(post(anonymous, id, "still me")).rejects.toMatchObject({ code: "PT404" });
    const { conversationChannel } = await store.visitor("store_thread", { p_end_user: "dan-1", ...thread });
    expect(conversationChannel).not.toBe(former);
    await store.sent();
    await post("dan-1", id, "only for me");
    const topics = (await store.sent()).filter(({ to }) => to !== "inbox").map(({ topic }) => topic);
    expect(topics).not.toContain(former);
    expect(topics.some((topic) => topic.includes(anonymous))).toBe(false);
  });

  it("has it once: again, and at once from two pages, is nothing more", async () => {
    const anonymous = someone();
    await store.begin(anonymous, "hello");
    const answers = await Promise.all([1, 2, 3].map(() => signIn(anonymous, "eve-1")));
    expect(answers.map(({ conversations }) => conversations).sort()).toEqual([0, 0, 1]);
    expect(await signIn(anonymous, "eve-1")).toEqual({ conversations: 0 });
  });

  it("leaves rooms to whom they were made for", async () => {
    const anonymous = someone();
    await store.begin(anonymous, "hello");
    const { id } = await store.visitor("create_room", {
      p_name: "Order 7",
      p_participants: [{ role: "visitor", id: anonymous }],
    });
    expect(await signIn(anonymous, "fay-1")).toEqual({ conversations: 1 });
    expect(await idsOf(anonymous)).toEqual([id]);
  });

  it("takes both to be erased, and leaves no trace of the other", async () => {
    const anonymous = someone();
    const id = await store.begin(anonymous, "forget me");
    await signIn(anonymous, "gus-1");
    expect(await store.visitor("store_export", { p_end_user: "gus-1" }))
      .toMatchObject({ conversations: [{ id, messages: [{ text: "forget me" }] }] });
    expect(await store.visitor("store_erase", { p_end_user: "gus-1" })).toEqual({
      conversations: 1,
      messages: 1,
    });
    expect(await store.sql`select from heddle.visitors where end_user_id in ('gus-1', ${anonymous})`)
      .toHaveLength(0);
  });
});

describe("on a shared computer", () => {
  it("whoever signs in second gets nothing of the first, nor of what was written in between", async () => {
    const anonymous = someone();
    const before = await store.begin(anonymous, "before the first signed in");
    await signIn(anonymous, "hal-1");
    const after = await store.begin(anonymous, "after they signed out");
    expect(await signIn(anonymous, "ida-1")).toEqual({ conversations: 0 });
    expect(await idsOf("ida-1")).toEqual([]);
    expect(await idsOf("hal-1")).toEqual([before]);
    expect(await idsOf(anonymous)).toEqual([after]);
  });

  it("whoever signs in after the first was erased gets nothing either: all of it is gone", async () => {
    const anonymous = someone();
    await store.begin(anonymous, "before the first signed in");
    await signIn(anonymous, "lea-1");
    await store.begin(anonymous, "after they signed out");
    expect(await store.visitor("store_erase", { p_end_user: "lea-1" })).toMatchObject({ conversations: 2 });
    for (const endUser of ["max-1", "lea-1"]) {
      expect(await signIn(anonymous, endUser)).toEqual({ conversations: 0 });
      expect(await idsOf(endUser)).toEqual([]);
    }
    expect(await idsOf(anonymous)).toEqual([]);
  });

  it("of two who sign in at once one gets it", async () => {
    const anonymous = someone();
    await store.begin(anonymous, "whose?");
    await Promise.all([signIn(anonymous, "jo-1"), signIn(anonymous, "jo-2")]);
    const counts = [(await idsOf("jo-1")).length, (await idsOf("jo-2")).length];
    expect(counts.sort()).toEqual([0, 1]);
  });
});

describe("nobody", () => {
  it.each([
    ["an identified one", "kim-1", "kim-2"],
    ["an anonymous one as another", someone(), someone()],
    ["one without an id", null, "kim-2"],
    ["one as nobody", someone(), null],
    ["one as an id that is too long", someone(), "x".repeat(129)],
  ])("signs in %s", async (_, from, to) => {
    if (from) await store.begin(from, "mine");
    await expect(signIn(from as string, to as string)).rejects.toMatchObject({ code: "PT400" });
    if (from) expect(await idsOf(from)).toHaveLength(1);
  });

  it("gets anything of who was erased, of another agent's visitor, or of who never wrote", async () => {
    const [erased, elsewhere] = [someone(), someone()];
    await store.begin(erased, "forget me");
    await store.visitor("store_erase", { p_end_user: erased });
    const [agent] = await store.sql`
      insert into heddle.agents (org_id, name, allowed_origins) values (${ORG}, 'Other', '{}') returning id`;
    const [visitor] = await store.sql`
      insert into heddle.visitors (agent_id, end_user_id) values (${agent?.id}, ${elsewhere}) returning id`;
    await store
      .sql`insert into heddle.conversations (agent_id, visitor_id) values (${agent?.id}, ${visitor?.id})`;
    for (const anonymous of [erased, elsewhere, someone()]) {
      expect(await signIn(anonymous, "lea-1")).toEqual({ conversations: 0 });
    }
    expect(await idsOf("lea-1")).toEqual([]);
  });
});
