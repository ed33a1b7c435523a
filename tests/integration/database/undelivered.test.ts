import { beforeEach, describe, expect, it } from "vitest";
import { replyRecipient } from "../../../supabase/functions/_shared/mail/reply_address.ts";
import { AGENT, type Json, OLGA, ORG, PIET, STRANGER, useStore } from "./conversation_store.ts";

const store = useStore();
const OTHER_AGENT = "a0000000-0000-4000-8000-000000000002";
beforeEach(async () => {
  const { sql } = store;
  await sql`delete from heddle.visitors`;
  await sql`delete from heddle.deliveries`;
  await sql`delete from heddle.webhooks`;
  await sql`update heddle.members set email = lower(name) || '@shop.example', every_agent = true`;
  await sql`insert into heddle.agents (id, org_id, name) values (${OTHER_AGENT}, ${ORG}, 'Other') on conflict do nothing`;
});

const about = { p_agent_id: AGENT };
const list = async (who = OLGA) =>
  (await store.operator(who, "inbox_undelivered", about)).undelivered as Json[];
const retry = (ids: string[] | null, who = OLGA) =>
  store.operator(who, "inbox_retry_undelivered", { ...about, p_ids: ids });
const dismiss = (ids: string[] | null, who = OLGA) =>
  store.operator(who, "inbox_dismiss_undelivered", { ...about, p_ids: ids });

/** Something that was given up, as take_deliveries and end_delivery leave it. */
async function lost(
  row: { kind: string; target: string; content: object; error?: string; agent?: string | null },
) {
  const { kind, target, content, error = "The mail server answered 550.", agent = AGENT } = row;
  const [made] = await store.sql`
    insert into heddle.deliveries (org_id, agent_id, kind, target, content, status, attempts, last_error, ended_at)
    values (${ORG}, ${agent}, ${kind}, ${target}, ${
    store.sql.json(content as never)
  }, 'dead', 12, ${error}, clock_timestamp())
    returning id`;
  return String(made?.id);
}
const status = async (id: string) =>
  (await store.sql`select status, attempts, dismissed_at from heddle.deliveries where id = ${id}`)[0];

async function scene() {
  const conversationId = await store.begin("u1", "Is it in stock?");
  const [visitor] = await store.sql`
    update heddle.visitors set email = 'ada@home.example' where end_user_id = 'u1' returning id`;
  const { id: webhook } = await store.visitor("create_webhook", {
    p_url: "https://hooks.example/in?key=hidden",
  });
  return { conversationId, visitorId: Number(visitor?.id), webhook };
}
async function held(conversationId: string, changes: object = {}) {
  const recipient = replyRecipient("team", OLGA);
  const { outcome } = await store.sql.begin(async (tx) => {
    const mail = {
      from: "alias@shop.example",
      subject: "Re: Ada",
      body: "I am on it.",
      doubt: null,
      ...changes,
    };
    const [row] = await tx`select heddle_api.receive_mail(
      ${conversationId}, 'team', ${recipient}, gen_random_uuid(), ${tx.json(mail)}) as answer`;
    return row?.answer;
  });
  expect(outcome).toBe("held");
}

describe("what was given up", () => {
  it("is listed with what it was, for whom and why, without a webhook's URL", async () => {
    const { conversationId, visitorId, webhook } = await scene();
    await lost({
      kind: "email",
      target: OLGA,
      content: { audience: "team", conversationId, rule: "needs_human" },
    });
    await lost({
      kind: "email",
      target: conversationId,
      content: { audience: "visitor", conversationId, visitorId, rule: "away_reply" },
    });
    await lost({
      kind: "webhook",
      target: webhook,
      content: { id: "e", type: "message:new" },
      agent: null,
      error: "The webhook answered 410: it is gone.",
    });
    await lost({ kind: "push", target: OLGA, content: {}, error: "The browser has unsubscribed." });
    // Browsers of strangers are none of the owner's failures, however many they give.
    await store.sql`
      insert into heddle.deliveries (org_id, agent_id, kind, target, content, status, last_error, ended_at)
      select ${ORG}, ${AGENT}, 'push', gen_random_uuid(), ${
      store.sql.json({ audience: "visitor", conversationId, visitorId, rule: "away_reply" })
    }, 'dead', 'The push service answered 403.', clock_timestamp() from generate_series(1, 250)`;
    await lost({ kind: "email", target: OLGA, content: { rule: "waiting" }, agent: OTHER_AGENT });
    const found = await list();
    expect(found).toMatchObject([
      {
        kind: "webhook",
        what: "message:new",
        to: "hooks.example",
        why: "The webhook answered 410: it is gone.",
        conversationId: null,
      },
      { kind: "email", what: "away_reply", to: "ada@home.example", conversationId },
      {
        kind: "email",
        what: "needs_human",
        to: "olga@shop.example",
        why: "The mail server answered 550.",
        tries: 12,
      },
    ]);
    expect(JSON.stringify(found)).not.toContain("hidden");
    expect(await store.visitor("list_undelivered")).toEqual(found);
  });

  it("is sent again with as many tries as at first, or leaves the list, one or all", async () => {
    const { conversationId } = await scene();
    const content = { audience: "team", conversationId, rule: "needs_human" };
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push(await lost({ kind: "email", target: OLGA, content }));
    const [again = "", seen = ""] = ids;
    expect(await retry([again])).toEqual({ count: 1 });
    expect(await status(again)).toMatchObject({ status: "queued", attempts: 0 });
    expect(await dismiss([seen])).toEqual({ count: 1 });
    expect(await status(seen)).toMatchObject({ status: "dead", dismissed_at: expect.any(Date) });
    expect((await list()).map(({ id }) => id)).toEqual(ids.slice(2).reverse());
    expect(await dismiss(null)).toEqual({ count: 2 });
    expect(await list()).toEqual([]);
    expect(await retry(ids)).toEqual({ count: 0 });
  });

  it("is for owners alone, webhooks for those of every agent, and never another agent's", async () => {
    const { webhook } = await scene();
    const hook = await lost({
      kind: "webhook",
      target: webhook,
      content: { type: "message:new" },
      agent: null,
    });
    const other = await lost({ kind: "email", target: OLGA, content: {}, agent: OTHER_AGENT });
    for (const call of [list, (who: string) => retry(null, who), (who: string) => dismiss(null, who)]) {
      await expect(call(PIET)).rejects.toMatchObject({ code: "PT403" });
      await expect(call(STRANGER)).rejects.toMatchObject({ code: "PT404" });
    }
    await store.sql`update heddle.members set every_agent = false where user_id = ${OLGA}`;
    await store
      .sql`insert into heddle.member_agents (org_id, user_id, agent_id) values (${ORG}, ${OLGA}, ${AGENT})
      on conflict do nothing`;
    expect(await list()).toEqual([]);
    expect(await retry([hook, other])).toEqual({ count: 0 });
    expect(await dismiss([hook, other])).toEqual({ count: 0 });
  });
});

describe("an answer by mail that is held", () => {
  it("is added to the conversation as its author's, once, by who has read it; all at once leaves it", async () => {
    const { conversationId } = await scene();
    await held(conversationId);
    const [entry] = await list();
    expect(entry).toMatchObject({
      id: expect.stringMatching(/^held-\d+$/),
      kind: "reply",
      what: "Re: Ada",
      to: "alias@shop.example",
      text: "I am on it.",
      conversationId,
      why: "It came from another address than the mail that it answers went to.",
    });
    expect(await retry(null)).toEqual({ count: 0 });
    expect(await retry([entry.id])).toEqual({ count: 1 });
    expect(await retry([entry.id])).toEqual({ count: 0 });
    const messages = await store.sql`select role, author_id, body from heddle.messages order by seq`;
    expect(messages).toMatchObject([{ role: "visitor" }, {
      role: "operator",
      author_id: OLGA,
      body: "I am on it.",
    }]);
    expect(await list()).toEqual([]);
  });

  it("is forgotten when it is dismissed, or the conversation erased, and stays out once its author has left", async () => {
    const { conversationId } = await scene();
    await held(conversationId);
    await held(conversationId);
    const [first, second] = await list();
    expect(await dismiss([first.id])).toEqual({ count: 1 });
    await store.sql`update heddle.conversations set assignee_id = null`;
    await store.sql`delete from heddle.members where user_id = ${PIET}`;
    await store
      .sql`insert into heddle.members (org_id, user_id, name, role) values (${ORG}, ${PIET}, 'Piet', 'owner')`;
    await store.sql`delete from heddle.members where user_id = ${OLGA}`;
    await expect(retry([second.id], PIET)).rejects.toMatchObject({ code: "PT409" });
    await store.visitor("store_erase", { p_end_user: "u1" });
    expect(await list(PIET)).toEqual([]);
    await store.sql`delete from heddle.members where user_id = ${PIET}`;
    await store.sql`insert into heddle.members (org_id, user_id, name, role)
      values (${ORG}, ${OLGA}, 'Olga', 'owner'), (${ORG}, ${PIET}, 'Piet', 'operator')`;
  });

  it("holds what comes faster than anybody writes", async () => {
    const { conversationId } = await scene();
    const recipient = replyRecipient("team", OLGA);
    const outcomes: string[] = [];
    for (let n = 0; n < 45; n++) {
      const mail = store.sql.json({ from: "olga@shop.example", subject: "", body: `Hi ${n}`, doubt: null });
      const [row] = await store.sql`select heddle_api.receive_mail(
        ${conversationId}, 'team', ${recipient}, gen_random_uuid(), ${mail}) as answer`;
      outcomes.push(row?.answer.outcome);
    }
    expect(outcomes.slice(0, 40).every((each) => each === "posted")).toBe(true);
    expect(outcomes.at(-1)).toBe("held");
  });
});
