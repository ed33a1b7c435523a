import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unnamed } from "../../../inbox/ui/names.ts";
import { BROWSER_KEYS, NO_SUBSCRIPTIONS } from "../../support/push_subscriptions.ts";
import { AGENT, type ConversationStore, createStore, type Json, OLGA, PIET } from "./conversation_store.ts";

let store: ConversationStore;
beforeAll(async () => {
  store = await createStore();
  await store.sql`update heddle.members set email = lower(name) || '@shop.example'`;
});
afterAll(() => store.drop());
beforeEach(async () => {
  await store.sql`delete from heddle.visitors`;
  await store.sql`delete from heddle.deliveries`;
  await store.sql`delete from heddle.notification_rules`;
  await store.sql`delete from heddle.notification_cursors`;
  await store.sql`delete from heddle.notification_preferences`;
  await store.sql`delete from heddle.push_subscriptions`;
  await store.sql`delete from heddle.mail_stops`;
  await store.sql`delete from heddle.rate_buckets`;
});

const about = { p_agent_id: AGENT };
const DEVICE = {
  p_endpoint: "https://push.example/1",
  p_p256dh: BROWSER_KEYS.p256dh,
  p_auth: BROWSER_KEYS.auth,
};
const rule = (p_rule: string, p_on: boolean, p_settings: object = {}) =>
  store.visitor("set_rule", { p_rule, p_on, p_settings });
const notify = () => store.sql`select heddle_api.notify(${AGENT})`;
const claim = (id: string, who = OLGA) => store.operator(who, "inbox_claim", { p_conversation_id: id });
const handOver = (id: string, p_to: string, who = OLGA) =>
  store.operator(who, "inbox_assign", { p_conversation_id: id, p_to });
const reply = (id: string, body: string, who = OLGA) =>
  store.operator(who, "inbox_post", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: body,
  });
const say = (id: string, body: string, endUser = "u1") =>
  store.visitor("store_post", {
    p_end_user: endUser,
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: body,
  });
const address = (email: string) => store.sql`update heddle.visitors set email = ${email}, name = 'Ada'`;
const save = (who = OLGA, more: object = {}) =>
  store.operator(who, "inbox_save_push", { ...about, ...DEVICE, ...more });

interface Queued {
  kind: string;
  target: string;
  minutes: number;
  count: number;
  content: Json;
}

/** What waits, with the minutes until it is due. */
async function queued(): Promise<Queued[]> {
  const rows = await store.sql<Queued[]>`
    select kind, target, content, count, round(extract(epoch from due - now()) / 60)::int as minutes
    from heddle.deliveries where status = 'queued' order by kind, target, id`;
  return [...rows];
}

/** Takes all that waits, as the worker does once it is due. */
async function take(): Promise<Json[]> {
  await store.sql`update heddle.deliveries set due = now() - interval '1 second' where status = 'queued'`;
  const [row] = await store.sql`select heddle_api.take_deliveries(array['email', 'push'], 100) as taken`;
  return row?.taken;
}

async function end(taken: Json, outcome: string) {
  await store.sql`select heddle_api.end_delivery(${taken.id}, ${taken.lease}, ${outcome})`;
}

/** A member with an account whose address nobody has confirmed. */
async function invited(id: string = crypto.randomUUID()): Promise<string> {
  await store
    .sql`insert into auth.users (id, email) values (${id}, 'quin@shop.example') on conflict do nothing`;
  await store.sql`select heddle_api.invite_member(${AGENT}, ${id}, 'Quin', 'quin@shop.example')`;
  return id;
}

describe("a mail to the team", () => {
  it("waits for five minutes, and says what was not seen by then", async () => {
    await rule("needs_human", true);
    const id = await store.begin("u1", "Is it in stock?");
    await address("ada@home.example");
    await store.operator(OLGA, "inbox_needs_human", { p_conversation_id: id, p_needs: true });
    await notify();
    const waiting = await queued();
    expect(waiting.map(({ kind, target, minutes }) => [kind, target, minutes])).toEqual([
      ["email", OLGA, 5],
      ["email", PIET, 5],
    ]);
    const [toOlga] = await take();
    expect(toOlga.receiver).toMatchObject({
      audience: "team",
      to: { name: "Olga", address: "olga@shop.example" },
      agentId: AGENT,
      conversationId: id,
      notices: ["Ada needs a person."],
      messages: [{ author: "Ada", body: "Is it in stock?" }],
    });
  });

  it("is not sent once it was seen, or its rule is off, or its reader wants none", async () => {
    await rule("needs_human", true);
    const id = await store.begin();
    await store.operator(OLGA, "inbox_needs_human", { p_conversation_id: id, p_needs: true });
    await notify();
    await store.operator(OLGA, "inbox_read_notifications", about);
    await store.operator(PIET, "inbox_set_preferences", { ...about, p_email: false, p_push: true });
    expect((await take()).map(({ receiver }) => receiver)).toEqual([null, null]);
  });

  it("is sent to nobody whose address has not been confirmed, and no push message", async () => {
    await rule("needs_human", true, { channels: ["email", "push"] });
    const quin = await invited();
    await save(quin);
    const told = async () => {
      const id = await store.begin();
      await store.operator(OLGA, "inbox_needs_human", { p_conversation_id: id, p_needs: true });
      await notify();
      const taken = (await take()).filter(({ content }) => content.memberId === quin);
      return taken.map(({ kind, receiver }) => [kind, receiver !== null]).sort();
    };
    expect(await told()).toEqual([["email", false], ["push", false]]);
    await store.sql`update auth.users set email_confirmed_at = now() where id = ${quin}`;
    expect(await told()).toEqual([["email", true], ["push", true]]);
    await store.sql`delete from auth.users where id = ${quin}`;
  });

  it("leaves once in fifteen minutes for a conversation, and collects what comes meanwhile", async () => {
    await rule("new_message", true, { channels: ["email"] });
    const id = await store.begin();
    await claim(id);
    await store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq: 100 });
    await say(id, "One");
    await notify();
    await say(id, "Two");
    await notify();
    const [mail] = await take();
    expect(mail.receiver.notices).toEqual([`${unnamed("u1")} has written 2 messages.`]);
    expect(mail.receiver.messages.slice(-2).map(({ body }: Json) => body)).toEqual(["One", "Two"]);
    await end(mail, "sent");
    await store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq: 100 });
    await say(id, "Three");
    await notify();
    expect((await queued()).map(({ minutes, count }) => [minutes, count])).toEqual([[15, 1]]);
  });

  it("tells who was handed a conversation, without anybody having switched that on, until somebody switches it off", async () => {
    const id = await store.begin("u1", "Is it in stock?");
    await address("ada@home.example");
    await handOver(id, PIET);
    expect((await queued()).map(({ kind, target, minutes }) => [kind, target, minutes])).toEqual([
      ["email", PIET, 5],
    ]);
    const [mail] = await take();
    expect(mail.receiver).toMatchObject({
      to: { name: "Piet" },
      conversationId: id,
      notices: ["Olga handed you the conversation with Ada."],
      messages: [{ author: "Ada", body: "Is it in stock?" }],
    });
    await end(mail, "sent");

    await rule("handed_over", false);
    await handOver(await store.begin("u2"), PIET);
    expect(await queued()).toEqual([]);
    expect(await store.operator(PIET, "inbox_notifications", about)).toMatchObject({ unread: 2 });
    await rule("handed_over", true, { channels: ["email"], delay: 0, batch: 0 });
    await handOver(await store.begin("u3"), PIET);
    await rule("handed_over", false);
    expect((await take()).map(({ receiver }) => receiver)).toEqual([null]);
  });

  it("holds what the visitor wrote last where a conversation is handed over that was read and answered", async () => {
    const id = await store.begin("u1", "Is it in stock?");
    await address("ada@home.example");
    await store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq: 100 });
    await reply(id, "It is.");
    await say(id, "Then I have a question about the invoice.");
    await store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq: 100 });
    await reply(id, "My colleague knows.");
    await handOver(id, PIET);
    const taken = await take();
    expect(taken.find(({ target }) => target === PIET)?.receiver).toMatchObject({
      notices: ["Olga handed you the conversation with Ada."],
      messages: [{ author: "Ada", body: "Then I have a question about the invoice." }],
    });
  });

  it("of what was handed over is not sent to who has looked, nor is anything about what one took oneself", async () => {
    const [seen, own, passedOn] = [await store.begin("u1"), await store.begin("u2"), await store.begin("u3")];
    await handOver(seen, PIET);
    await store.operator(PIET, "inbox_read", { p_conversation_id: seen, p_seq: 1 });
    await claim(own);
    await handOver(passedOn, PIET);
    await handOver(passedOn, OLGA);
    expect((await queued()).map(({ target }) => target)).toEqual([PIET]);
    expect((await take()).map(({ receiver }) => receiver)).toEqual([null]);
  });

  it("leaves for members alone by the rule of hand-overs, also while another is on", async () => {
    await rule("handed_over", true, { channels: ["email"] });
    await rule("needs_human", true);
    const id = await store.begin();
    await address("ada@home.example");
    await reply(id, "It is.");
    await notify();
    expect(await queued()).toEqual([]);
  });

  it("tells of all conversations in which people asked in fifteen minutes, the first ten by name", async () => {
    await rule("needs_human", true, { channels: ["email"], delay: 0 });
    const ask = async (endUser: string) => {
      const id = await store.begin(endUser);
      await store.sql`update heddle.visitors set name = ${endUser} where end_user_id = ${endUser}`;
      await store.operator(PIET, "inbox_needs_human", { p_conversation_id: id, p_needs: true });
      await notify();
      return id;
    };
    const sendToOlga = async () => {
      const taken = await take();
      for (const each of taken) await end(each, "sent");
      return taken.find(({ target }) => target === OLGA)?.receiver;
    };
    const first = await ask("Ada");
    expect(await sendToOlga()).toMatchObject({ conversationId: first, notices: ["Ada needs a person."] });
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) ids.push(await ask(`Bo ${n}`));
    expect((await queued()).map(({ minutes, count, content }) => [minutes, count, content])).toEqual(
      [OLGA, PIET].map((memberId) => [15, 12, { audience: "team", rule: "needs_human", memberId }]),
    );
    await store.visitor("store_erase", { p_end_user: "Bo 11" });
    await claim(ids[0] ?? "");
    const mail = await sendToOlga();
    expect(mail).toMatchObject({
      conversationId: null,
      notices: ["10 visitors need a person."],
      count: 10,
    });
    expect(mail.conversations).toEqual(
      ids.slice(1, 11).map((conversationId, n) => ({
        conversationId,
        notice: `Bo ${n + 1} needs a person.`,
      })),
    );
    // What one mail has told of the next one does not tell of again.
    const last = await ask("Cy");
    expect(await sendToOlga()).toMatchObject({ conversationId: last, notices: ["Cy needs a person."] });
  });

  it("is one where a single anonymous visitor asks in many, and those past five are in the inbox alone", async () => {
    await rule("needs_human", true, { channels: ["email"] });
    const ask = async (endUser: string) => {
      const id = await store.begin(endUser);
      await store.visitor("store_needs_human", {
        p_end_user: endUser,
        p_conversation_id: id,
        p_needs: true,
      });
      await notify();
      return id;
    };
    const ids: string[] = [];
    for (let n = 0; n < 8; n++) ids.push(await ask("anon_flood"));
    await ask("anon_other");
    const [mail] = await take();
    expect(mail.receiver.notices).toEqual(["6 conversations of 2 visitors need a person."]);
    const { rows } = await store.operator(OLGA, "inbox_list", { ...about, p_view: "needs_human" });
    expect(rows).toHaveLength(9);
    const told = () => store.sql`select distinct conversation_id from heddle.notifications`;
    expect(await told()).toHaveLength(6);
    // Who was answered may ask again.
    await claim(ids[0] ?? "");
    await reply(ids[0] ?? "", "Yes?");
    await ask("anon_flood");
    expect(await told()).toHaveLength(7);
    for (let n = 0; n < 7; n++) await ask("signed in");
    expect(await told()).toHaveLength(14);
  });

  it("says for how long somebody waits by then, with their message although it was read, once with who asks", async () => {
    const on = { channels: ["email", "push"] };
    await rule("waiting", true, on);
    await rule("needs_human", true, on);
    await save();
    await store.sql`update heddle.notification_rules set on_since = now() - interval '1 day'`;
    const id = await store.begin("u1", "Is it in stock?");
    await store
      .sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'No idea')`;
    await store.operator(PIET, "inbox_read", { p_conversation_id: id, p_seq: 100 });
    await store.visitor("store_needs_human", { p_end_user: "u1", p_conversation_id: id, p_needs: true });
    await store.sql`
      update heddle.conversations set waiting_since = now() - interval '12 minutes' where id = ${id}`;
    await notify();
    await notify();
    expect((await queued()).map(({ kind, target, count }) => [kind, target === OLGA, count])).toEqual([
      ["email", true, 2],
      ["email", false, 2],
      ["push", false, 2],
    ]);
    await store
      .sql`update heddle.notifications set since = now() - interval '21 minutes' where rule = 'waiting'`;
    const taken = await take();
    const name = unnamed("u1");
    const [mail] = taken.filter(({ kind }) => kind === "email");
    expect(mail.receiver).toMatchObject({
      notices: [`${name} needs a person.`, `${name} has been waiting for an answer for 21 minutes.`],
      messages: [{ author: name, body: "Is it in stock?" }],
    });
    const [push] = taken.filter(({ kind }) => kind === "push");
    expect(push.receiver.message.body).toBe(`${name} has been waiting for an answer for 21 minutes.`);
  });

  it("that two rules share says what the one that is still on has told", async () => {
    const on = { channels: ["email", "push"] };
    await rule("needs_human", true, on);
    await rule("waiting", true, on);
    await save();
    await store.sql`update heddle.notification_rules set on_since = now() - interval '1 day'`;
    const first = await store.begin("Ada", "Hello");
    await store.sql`update heddle.conversations set waiting_since = now() - interval '12 minutes'`;
    await notify();
    const second = await store.begin("Bo", "Hello");
    await store.operator(PIET, "inbox_needs_human", { p_conversation_id: second, p_needs: true });
    await notify();
    await rule("needs_human", false);
    const taken = await take();
    expect(
      taken.map(({ kind, receiver }) => [kind, receiver?.conversationId ?? receiver?.message.conversationId]),
    )
      .toEqual(expect.arrayContaining([["email", first], ["email", first], ["push", first]]));
  });

  it.each([["1 minute", "80 seconds"], ["119 minutes", "119 minutes"], ["2 hours", "179 minutes"], [
    "3 days",
    "80 hours",
  ]])(
    "says %s of one who has waited for %s",
    async (said, interval) => {
      const [row] = await store.sql`
        select heddle.told_outside(row) as told from (
          select (jsonb_populate_record(null::heddle.notifications, jsonb_build_object(
            'content', 'Ada has been waiting.', 'since', now() - ${interval}::text::interval
          ))).*
        ) row`;
      expect(row?.told).toBe(`Ada has been waiting for ${said}.`);
    },
  );

  it("waits for the end of quiet hours, unless it is critical", async () => {
    const [row] = await store
      .sql`select to_char(now() at time zone 'UTC' - interval '1 hour', 'HH24:MI') as from,
      to_char(now() at time zone 'UTC' + interval '2 hours', 'HH24:MI') as to`;
    const quiet = { from: row?.from, to: row?.to, zone: "UTC" };
    const minutes = async (settings: object) => {
      await store.sql`delete from heddle.deliveries`;
      await rule("needs_human", true, { channels: ["email"], quiet, ...settings });
      const id = await store.begin(`quiet ${JSON.stringify(settings)}`);
      await store.operator(OLGA, "inbox_needs_human", { p_conversation_id: id, p_needs: true });
      await notify();
      return (await queued())[0]?.minutes ?? null;
    };
    expect(await minutes({})).toBeGreaterThan(110);
    expect(await minutes({ priority: "critical" })).toBe(5);
  });
});

describe("a mail to a visitor", () => {
  it("brings what the team has answered and they have not read", async () => {
    await rule("away_reply", true);
    const id = await store.begin("u1", "Hello?");
    await address("ada@home.example");
    await reply(id, "Yes, it is.");
    await notify();
    await reply(id, "Shall I keep one for you?");
    await notify();
    expect((await queued()).map(({ minutes, count }) => [minutes, count])).toEqual([[5, 2]]);
    const [mail] = await take();
    expect(mail.receiver).toMatchObject({
      audience: "visitor",
      answers: true,
      addressFrom: "site",
      to: { name: "Ada", address: "ada@home.example" },
      count: 2,
      messages: [
        { author: "Olga", body: "Yes, it is." },
        { author: "Olga", body: "Shall I keep one for you?" },
      ],
    });
  });

  it("says whether they wrote first, and who gave the address, as long as the conversation lasts", async () => {
    await rule("away_reply", true, { delay: 0, batch: 0 });
    const next = async () => {
      await notify();
      const [mail] = await take();
      await end(mail, "sent");
      await store.sql`update heddle.participants set read_seq = 100`;
      const { answers, addressFrom, count } = mail.receiver;
      return { answers, addressFrom, count };
    };
    const begun = async (endUser: string) => {
      const id = await store.begin(endUser);
      await store.sql`delete from heddle.messages where conversation_id = ${id}`;
      await address("ada@home.example");
      await store.sql`update heddle.participants set read_seq = 0`;
      await reply(id, "Your parcel is here.");
      return id;
    };
    const id = await begun("u1");
    expect(await next()).toEqual({ answers: false, addressFrom: "nothing written", count: 1 });
    await say(id, "Thank you!");
    await store.sql`update heddle.participants set read_seq = 3`;
    await reply(id, "Welcome.");
    expect(await next()).toEqual({ answers: false, addressFrom: "site", count: 1 });

    await store.sql`delete from heddle.visitors`;
    const anonymous = `anon_${"0".repeat(31)}1`;
    const asked = await store.begin(anonymous);
    await address("ada@home.example");
    await reply(asked, "Yes.");
    expect(await next()).toEqual({ answers: true, addressFrom: "visitor", count: 1 });
  });

  it("is not sent to whoever has read it, left no plain address, wants none, or was erased", async () => {
    await rule("away_reply", true);
    const answered = async (endUser: string, email: string) => {
      const id = await store.begin(endUser);
      await store.sql`update heddle.visitors set email = ${email} where end_user_id = ${endUser}`;
      await reply(id, "Here.");
      return id;
    };
    const read = await answered("read", "read@home.example");
    await answered("list", "a@home.example, b@home.example");
    await answered("stopped", "Stopped@home.example");
    const erased = await answered("erased", "erased@home.example");
    await notify();
    expect(await queued()).toHaveLength(3);
    await store.sql`update heddle.participants set read_seq = 100 where conversation_id = ${read}`;
    await store.sql`select heddle_api.stop_mails(${AGENT}, 'visitor', 'stopped@HOME.example')`;
    await store.visitor("store_erase", { p_end_user: "erased" });
    // Of who was erased not even the delivery is left.
    expect((await take()).map(({ receiver }) => receiver)).toEqual([null, null]);
    expect(await store.sql`select from heddle.conversations where id = ${erased}`).toHaveLength(0);
  });

  it("that waits while they sign in leaves to the address that the site has, with what came since", async () => {
    await rule("away_reply", true);
    const anonymous = `anon_${"0".repeat(32)}`;
    const id = await store.begin(anonymous, "Hello?");
    await address("ada@typed.example");
    await reply(id, "Yes, it is.");
    await notify();
    await store.visitor("store_sign_in", {
      p_anonymous: anonymous,
      p_end_user: "ada",
      p_visitor: { name: "Ada", email: "ada@home.example" },
    });
    await reply(id, "Shall I keep one for you?");
    await notify();
    expect(await queued()).toMatchObject([{ minutes: 5, count: 2 }]);
    const [mail] = await take();
    expect(mail.receiver).toMatchObject({ to: { address: "ada@home.example" }, count: 2 });
    await end(mail, "sent");
    await reply(id, "It is put aside.");
    await notify();
    expect(await queued()).toMatchObject([{ minutes: 15 }]);
  });

  it("that left before they signed in has the next one wait as long as any other", async () => {
    await rule("away_reply", true);
    const anonymous = `anon_${"1".repeat(32)}`;
    const id = await store.begin(anonymous, "Hello?");
    await address("ada@home.example");
    await reply(id, "Yes, it is.");
    await notify();
    const [mail] = await take();
    await end(mail, "sent");
    const signIn = { p_anonymous: anonymous, p_end_user: "ada", p_visitor: { email: "ada@home.example" } };
    await store.visitor("store_sign_in", signIn);
    await reply(id, "Shall I keep one for you?");
    await notify();
    expect(await queued()).toMatchObject([{ minutes: 15 }]);
  });
});

describe("a mail to an address that nobody vouches for", () => {
  async function asked(endUser: string, email: string) {
    const id = await store.begin(endUser);
    await store.sql`update heddle.visitors set email = ${email} where end_user_id = ${endUser}`;
    return id;
  }
  const botSays = (id: string, body: string) =>
    store.sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', ${body})`;
  const receivers = async () => (await take()).map(({ receiver }) => receiver);

  it("leaves three times, and once more in eight hours, however many give it", async () => {
    await rule("away_reply", true, { batch: 0 });
    const flood = async (from: number) => {
      for (let n = from; n < from + 5; n++) {
        await reply(await asked(`anon_${n}`, n % 2 ? "victim@home.example" : "Victim@Home.example"), "Hello");
      }
      await notify();
      return await take();
    };
    const first = await flood(0);
    expect(first.map(({ receiver }) => receiver !== null)).toEqual([true, true, true, false, false]);
    for (const each of first) await end(each, each.receiver ? "failed" : "suppressed");
    // Another try is the same mail.
    expect((await receivers()).map((each) => each !== null)).toEqual([true, true, true]);
    await store.sql`delete from heddle.deliveries`;
    await store.sql`update heddle.rate_buckets set full_at = full_at - interval '8 hours'`;
    expect((await flood(5)).filter(({ receiver }) => receiver !== null)).toHaveLength(1);
    await store.sql`delete from heddle.deliveries`;
    await reply(await asked("anon_other", "other@home.example"), "Hello");
    for (let n = 0; n < 4; n++) await reply(await asked(`signed in ${n}`, "victim@home.example"), "Hello");
    await notify();
    expect((await receivers()).filter((each) => each !== null)).toHaveLength(5);
  });

  it("has nothing that a bot wrote, and does not leave for it", async () => {
    await rule("away_reply", true);
    const id = await asked("anon_1", "victim@home.example");
    await botSays(id, "You won, see https://evil.example");
    await notify();
    expect(await queued()).toEqual([]);
    await reply(id, "What do you mean?");
    await notify();
    expect(await receivers()).toMatchObject([{ count: 1, messages: [{ body: "What do you mean?" }] }]);
    const own = await asked("signed in", "ada@home.example");
    await botSays(own, "It is in stock.");
    await notify();
    expect(await receivers()).toMatchObject([{ count: 1, messages: [{ body: "It is in stock." }] }]);
  });

  it("is as any other once its visitor has answered from there, until they give another", async () => {
    await rule("away_reply", true);
    const id = await asked("anon_1", "Ada@home.example");
    const [row] = await store
      .sql`select id::text as recipient from heddle.visitors where end_user_id = 'anon_1'`;
    const answer = async (from: string) => {
      const mail = store.sql.json({ from, subject: "Re", body: "Thanks", doubt: null });
      await store.sql`select heddle_api.receive_mail(
        ${id}, 'visitor', ${row?.recipient}, ${crypto.randomUUID()}, ${mail})`;
    };
    const told = async (body: string) => {
      await store.sql`delete from heddle.deliveries`;
      await botSays(id, body);
      await notify();
      return (await receivers()).length;
    };
    expect(await told("One")).toBe(0);
    await answer("eve@evil.example");
    expect(await told("Two")).toBe(0);
    await answer("ada@home.example");
    expect(await told("Three")).toBe(1);
    await store.sql`update heddle.visitors set email = 'victim@home.example' where end_user_id = 'anon_1'`;
    expect(await told("Four")).toBe(0);
  });
});

it("an answer from the address that its mail went to is theirs in each of its forms, and no other", async () => {
  const id = await store.begin("ada", "Hello");
  await address("Ada@müller.example");
  const [row] = await store.sql`select id::text as recipient from heddle.visitors where end_user_id = 'ada'`;
  const answer = async (from: string, forms: string[]) => {
    const mail = store.sql.json({ from, forms, subject: "Re", body: crypto.randomUUID(), doubt: null });
    const [got] = await store.sql`select heddle_api.receive_mail(
      ${id}, 'visitor', ${row?.recipient}, ${crypto.randomUUID()}, ${mail}) as received`;
    return got?.received.outcome;
  };
  const ascii = "ada@xn--mller-kva.example";
  expect(await answer(ascii, [ascii, "ada@müller.example"])).toBe("posted");
  expect(await answer("ada@muller.example", ["ada@muller.example"])).toBe("held");
});

describe("answers by mail that a machine may write", () => {
  const botSays = (id: string) =>
    store
      .sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'How can I help?')`;
  const waiting = () => store.sql`select for_seq from heddle.bot_turns`;
  async function begin(): Promise<{ id: string; answer: (body: string) => Promise<Json> }> {
    await rule("away_reply", true, { delay: 0, batch: 0 });
    await store.sql`select heddle_api.create_bot(${AGENT}, 'Moss', 'https://bot.example/', 'always')`;
    const id = await store.begin("ada", "Hello");
    await address("ada@home.example");
    await store.sql`delete from heddle.bot_turns`;
    const [row] = await store
      .sql`select id::text as recipient from heddle.visitors where end_user_id = 'ada'`;
    return {
      id,
      async answer(body) {
        const mail = store.sql.json({ from: "ada@home.example", subject: "Re", body, doubt: null });
        const [got] = await store.sql`select heddle_api.receive_mail(
          ${id}, 'visitor', ${row?.recipient}, ${crypto.randomUUID()}, ${mail}) as received`;
        return got?.received;
      },
    };
  }
  /** A bot answers what waits for it: how many did, and how many mails leave for it. */
  async function botAnswers(id: string) {
    const turns = await waiting();
    await store.sql`delete from heddle.bot_turns`;
    if (turns.length > 0) await botSays(id);
    await notify();
    const mails = (await take()).filter(({ receiver }) => receiver !== null);
    for (const each of mails) await end(each, "sent");
    return [turns.length, mails.length];
  }
  const needsHuman = async (id: string) =>
    (await store.sql`select needs_human from heddle.conversations where id = ${id}`)[0]?.needs_human;

  beforeEach(() => store.sql`delete from heddle.bots`);
  afterAll(() => store.sql`delete from heddle.bots`);

  it("are answered by a bot three times in a row, then by a person, whose answer lets it go on", async () => {
    const { id, answer } = await begin();
    for (let n = 1; n <= 3; n++) {
      expect(await answer(`Number ${n}`)).toMatchObject({ outcome: "posted" });
      expect(await botAnswers(id)).toEqual([1, 1]);
    }
    expect(await needsHuman(id)).toBe(false);
    expect(await answer("Number 4")).toMatchObject({ outcome: "posted", bot: null });
    expect(await botAnswers(id)).toEqual([0, 0]);
    expect(await needsHuman(id)).toBe(true);
    // Nor is mailed what a bot says without being asked.
    await botSays(id);
    expect(await botAnswers(id)).toEqual([0, 0]);
    await reply(id, "Are you there?");
    await answer("Yes.");
    expect(await botAnswers(id)).toEqual([1, 1]);
  });

  it("are answered by none that say what the last one said, until they write on the site", async () => {
    const { id, answer } = await begin();
    await answer("I am away.");
    expect(await botAnswers(id)).toEqual([1, 1]);
    await answer("I am away.");
    expect(await botAnswers(id)).toEqual([0, 0]);
    await say(id, "I am back.", "ada");
    expect(await botAnswers(id)).toEqual([1, 1]);
  });

  it("of a member are held if they say what their last message says", async () => {
    const id = await store.begin("ada", "Hello");
    const [row] = await store.sql`select left(encode(sha256(${OLGA}::text::bytea), 'hex'), 16) as recipient`;
    const answer = async (body: string) => {
      const mail = store.sql.json({ from: "olga@shop.example", subject: "Re", body, doubt: null });
      const [got] = await store.sql`select heddle_api.receive_mail(
        ${id}, 'team', ${row?.recipient}, ${crypto.randomUUID()}, ${mail}) as received`;
      return got?.received.outcome;
    };
    expect(await answer("I am away.")).toBe("posted");
    expect(await answer("I am away.")).toBe("held");
    expect(await answer("I am back.")).toBe("posted");
  });

  it("get thirty mails a day at most, also where the address is known to be theirs", async () => {
    await rule("away_reply", true, { delay: 0, batch: 0 });
    for (let n = 0; n < 32; n++) {
      const id = await store.begin(`known ${n}`);
      await store
        .sql`update heddle.visitors set email = 'ada@home.example' where end_user_id = ${`known ${n}`}`;
      await reply(id, "Hello");
    }
    await notify();
    const told: Json[] = [];
    for (let round = 0; round < 4; round++) {
      const taken = await take();
      for (const each of taken) await end(each, "sent");
      told.push(...taken);
    }
    expect(told.filter(({ receiver }) => receiver !== null)).toHaveLength(30);
    expect(told).toHaveLength(32);
  });
});

describe("a push message", () => {
  it("tells at once who was handed conversations, and how many came within fifteen minutes", async () => {
    await save(PIET);
    await save(OLGA, { p_endpoint: "https://push.example/2" });
    const id = await store.begin("Ada");
    await handOver(id, PIET);
    const taken = await take();
    expect(taken.map(({ kind }) => kind).sort()).toEqual(["email", "push"]);
    const first = taken.find(({ kind }) => kind === "push");
    expect(first.receiver).toMatchObject({
      endpoint: DEVICE.p_endpoint,
      message: { body: `Olga handed you the conversation with ${unnamed("Ada")}.`, conversationId: id },
      priority: "high",
    });
    for (const each of taken) await end(each, "sent");
    for (const endUser of ["Bo", "Cy"]) await handOver(await store.begin(endUser), PIET);
    const second = (await take()).find(({ kind }) => kind === "push");
    expect(second.receiver.message.body).toBe("2 conversations were handed to you.");
  });

  it("goes at once to each browser of whoever is told, under the newest thing they have not read", async () => {
    await rule("new_message", true, { channels: ["push"] });
    await save();
    await save(OLGA, { p_endpoint: "https://push.example/2" });
    await save(PIET, { p_endpoint: "https://push.example/3" });
    const id = await store.begin();
    await claim(id);
    await say(id, "Still there?");
    await notify();
    expect((await queued()).map(({ kind, minutes }) => [kind, minutes])).toEqual([["push", 0], ["push", 0]]);
    const taken = await take();
    expect(taken.map(({ receiver }) => receiver.endpoint).sort()).toEqual([
      "https://push.example/1",
      "https://push.example/2",
    ]);
    expect(taken[0].receiver).toMatchObject({
      keys: { p256dh: DEVICE.p_p256dh, auth: DEVICE.p_auth },
      message: { body: `${unnamed("u1")} has written 2 messages.`, agentId: AGENT, conversationId: id },
      priority: "normal",
    });
  });

  it("leaves once in fifteen minutes for each browser, and says how many have written what by then", async () => {
    await rule("new_message", true, { channels: ["push"] });
    await save();
    const write = async (endUser: string, count: number) => {
      const id = await store.begin(endUser);
      await claim(id);
      await store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq: 1 });
      for (let n = 0; n < count; n++) {
        await say(id, `Message ${n}`, endUser);
        await notify();
      }
      return id;
    };
    const first = await write("Ada", 10);
    const [burst, ...more] = await take();
    expect(more).toEqual([]);
    expect(burst.receiver.message).toMatchObject({
      body: `${unnamed("Ada")} has written 10 messages.`,
      conversationId: first,
    });
    // Also what comes while it is on its way.
    const second = await write("Bo", 5);
    await end(burst, "sent");
    const third = await write("Cy", 5);
    expect((await queued()).map(({ minutes, count }) => [minutes, count])).toEqual([[15, 2]]);
    await store.visitor("store_erase", { p_end_user: "Cy" });
    await write("Di", 1);
    const [crowd] = await take();
    expect(crowd.receiver.message).toMatchObject({ body: "2 visitors have written.", conversationId: null });
    await end(crowd, "sent");
    await store.operator(OLGA, "inbox_read", { p_conversation_id: second, p_seq: 100 });
    await write("Ed", 1);
    const [last] = await take();
    expect(last.receiver.message.body).toBe(`${unnamed("Ed")} has written.`);
    expect([first, second, third]).not.toContain(last.receiver.message.conversationId);
  });

  it("leaves at once for each conversation where its rule has no batch window, or is critical", async () => {
    for (const settings of [{ batch: 0 }, { batch: 60, priority: "critical" }]) {
      await rule("needs_human", true, { channels: ["push"], ...settings });
      await save();
      for (const name of ["Ada", "Bo"]) {
        const id = await store.begin(name);
        await store.operator(PIET, "inbox_needs_human", { p_conversation_id: id, p_needs: true });
        await notify();
        expect((await queued()).map(({ minutes }) => minutes)).toEqual([0]);
        const [push] = await take();
        expect(push.receiver.message.conversationId).toBe(id);
        await end(push, "sent");
      }
      await store.visitor("store_erase", { p_end_user: "Ada" });
      await store.visitor("store_erase", { p_end_user: "Bo" });
    }
  });

  it("is for the member alone who switched it on last in a browser, and for none who has left the team", async () => {
    await rule("needs_human", true, { channels: ["push"] });
    await save(OLGA);
    expect((await save(PIET)).devices).toBe(1);
    expect((await store.operator(OLGA, "inbox_preferences", about)).devices).toBe(0);
    const id = await store.begin();
    await store.operator(OLGA, "inbox_needs_human", { p_conversation_id: id, p_needs: true });
    await notify();
    expect(await queued()).toHaveLength(1);
    await store.operator(PIET, "inbox_remove_push", { ...about, p_endpoint: DEVICE.p_endpoint });
    expect((await take()).map(({ receiver }) => receiver)).toEqual([null]);
  });

  it("that is refused is listed as given up, by the member's name, and the browser that it was for forgotten", async () => {
    await rule("needs_human", true, { channels: ["push"] });
    await save();
    const id = await store.begin();
    await store.operator(PIET, "inbox_needs_human", { p_conversation_id: id, p_needs: true });
    await notify();
    const [push] = await take();
    await store.sql`select heddle_api.end_delivery(
      ${push.id}, ${push.lease}, 'dead', 'The push service answered 403.')`;
    expect((await store.operator(OLGA, "inbox_preferences", about)).devices).toBe(0);
    expect((await store.operator(OLGA, "inbox_undelivered", about)).undelivered).toMatchObject([
      { kind: "push", what: "needs_human", to: "Olga", why: "The push service answered 403." },
    ]);
  });

  it.each(NO_SUBSCRIPTIONS)(
    "is not promised to what is no subscription: %j",
    async ({ endpoint, p256dh, auth }, detail) => {
      const wrong = {
        p_endpoint: endpoint ?? DEVICE.p_endpoint,
        p_p256dh: p256dh ?? DEVICE.p_p256dh,
        p_auth: auth ?? DEVICE.p_auth,
      };
      await expect(save(OLGA, wrong)).rejects.toMatchObject({ code: "PT400", detail });
    },
  );
});

describe("a rule's settings", () => {
  it("stay as they are until they are changed", async () => {
    const find = (rules: Json[], name: string) => rules.find((each) => each.rule === name);
    const standard = { channels: ["email", "push"], priority: "normal", delay: 5, batch: 15, quiet: null };
    expect(await store.visitor("list_rules")).toEqual([
      { rule: "away_reply", on: false, ...standard },
      { rule: "handed_over", on: true, ...standard, priority: "high" },
      { rule: "needs_human", on: false, ...standard, priority: "high" },
      { rule: "new_message", on: false, ...standard },
      { rule: "task_ended", on: false, ...standard },
      { rule: "waiting", on: false, ...standard, minutes: 5 },
    ]);
    const quiet = { from: "22:00", to: "07:00", zone: "Europe/Berlin" };
    await rule("waiting", true, { channels: ["push"], delay: 0, batch: 60, quiet, priority: "low" });
    const changed = { channels: ["push"], delay: 0, batch: 60, quiet, priority: "low" };
    expect(find(await rule("waiting", false), "waiting")).toEqual({
      rule: "waiting",
      on: false,
      minutes: 5,
      ...changed,
    });
    const quietBy = async (change: object | null) =>
      find(await rule("waiting", true, { quiet: change }), "waiting").quiet;
    expect(await quietBy({ from: "21:00", to: "06:00" })).toEqual({ ...quiet, from: "21:00", to: "06:00" });
    expect(await quietBy({ zone: "Asia/Tokyo" })).toEqual({ from: "21:00", to: "06:00", zone: "Asia/Tokyo" });
    expect(await quietBy(null)).toBe(null);
    expect(await quietBy({ from: "22:00", to: "07:00" })).toEqual({ ...quiet, zone: "UTC" });
  });

  it("name a time zone that there is, or say which one there is not", async () => {
    for (const zone of ["Mars/X", "Mars/X5", "Mars5", "+2", ""]) {
      await expect(rule("waiting", true, { quiet: { from: "22:00", to: "07:00", zone } })).rejects
        .toMatchObject({
          code: "PT400",
          detail: expect.stringContaining(`no time zone ${zone}: `),
        });
    }
  });

  it.each([
    ["waiting", { channels: ["sms"] }],
    ["waiting", { channels: "email" }],
    ["waiting", { delay: 1441 }],
    ["waiting", { delay: -1 }],
    ["waiting", { batch: "soon" }],
    ["waiting", { priority: "urgent" }],
    ["waiting", { quiet: { from: "22:00", to: "07:00", zone: "Nowhere/Atlantis" } }],
    ["waiting", { quiet: { from: "22:00", to: "07:00", zone: null } }],
    ["waiting", { quiet: { zone: "UTC" } }],
    ["waiting", { quiet: {} }],
    ["waiting", { quiet: { from: "22:00", to: "22:00", zone: "UTC" } }],
    ["waiting", { quiet: { from: "24:00", to: "07:00", zone: "UTC" } }],
    ["waiting", { quiet: "night" }],
    ["waiting", { volume: 11 }],
  ])("of %s can't be %j", async (name, settings) => {
    await expect(rule(name, true, settings)).rejects.toMatchObject({ code: "PT400" });
  });
});

it("a member who unsubscribed by a mail's link gets no more mails until they want them again", async () => {
  await store.sql`select heddle_api.stop_mails(${AGENT}, 'team', 'OLGA@shop.example')`;
  const preferences = { email: false, push: true, address: "olga@shop.example", pushKey: null, devices: 0 };
  expect(await store.operator(OLGA, "inbox_preferences", about)).toEqual(preferences);
  expect(await store.operator(OLGA, "inbox_set_preferences", { ...about, p_email: true, p_push: true }))
    .toEqual({ ...preferences, email: true });
});

it("who has ended their mails gets none for being removed and invited again, as long as the account is there", async () => {
  const quin = await invited();
  await store.sql`select heddle_api.stop_mails(${AGENT}, 'team', 'quin@shop.example')`;
  await store.sql`select heddle_api.remove_member(${AGENT}, ${quin})`;
  await invited(quin);
  expect(await store.operator(quin, "inbox_preferences", about)).toMatchObject({ email: false, push: true });
  await store.sql`delete from auth.users where id = ${quin}`;
  expect(await store.sql`select from heddle.notification_preferences where user_id = ${quin}`).toHaveLength(
    0,
  );
});

it("what did not leave is counted for the doctor", async () => {
  const state = async () => (await store.sql`select heddle_api.mail_state() as state`)[0]?.state;
  const nothing = { wanted: false, pushKeys: false, notSetUp: 0, dead: 0, lastError: null };
  expect(await state()).toEqual(nothing);
  await rule("away_reply", true);
  const id = await store.begin();
  await address("ada@home.example");
  await reply(id, "Yes.");
  await notify();
  const [mail] = await take();
  await store
    .sql`select heddle_api.end_delivery(${mail.id}, ${mail.lease}, 'suppressed', 'Mail is not set up.')`;
  expect(await state()).toEqual({ ...nothing, wanted: true, notSetUp: 1 });
  await store.sql`update heddle.deliveries set status = 'dead', last_error = 'The mail server answered 550.'`;
  // A browser of whoever wrote is nobody's to mend, and one that has unsubscribed no failure.
  await store.sql`
    insert into heddle.deliveries (org_id, agent_id, kind, target, content, status, last_error, ended_at)
    select org_id, agent_id, 'push', target, content || ${store.sql.json({ audience: "visitor" })}, 'dead',
      'The push service answered 403.', clock_timestamp() from heddle.deliveries
    union all
    select org_id, agent_id, 'push', target, content || ${store.sql.json({ audience: "team" })}, 'dead',
      'The browser has unsubscribed.', clock_timestamp() from heddle.deliveries`;
  expect(await state()).toEqual({
    ...nothing,
    wanted: true,
    dead: 1,
    lastError: "The mail server answered 550.",
  });
});

it("the key pair for push is made once", async () => {
  const keep = (n: string) =>
    store.sql`select heddle_api.keep_push_keys(${n.repeat(87)}, ${n.repeat(43)}) as kept`.then(([row]) =>
      row?.kept
    );
  expect([await keep("A"), await keep("B")]).toEqual([true, false]);
  const [row] = await store.sql`select heddle_api.push_keys() as keys`;
  expect(row?.keys).toEqual({ publicKey: "A".repeat(87), privateKey: "A".repeat(43), hosts: [] });
  await store.sql`delete from heddle.push_keys`;
});
