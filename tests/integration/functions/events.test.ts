import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEventsAnswer, writeEventAnswer } from "../../../shared/api/events.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { DEMO_ORG, makeEventKey } from "../../support/event_readers.ts";
import { tokenFor } from "../../realtime/support/tokens.ts";
import { expectError } from "./support/errors.ts";
import { type Answer, callFunction, postJson } from "./support/visitor.ts";

const OLGA = "10000000-0000-4000-8000-000000000001";
const PIET = "10000000-0000-4000-8000-000000000002";
const SECOND = "a0000000-0000-4000-8000-000000000002";
const NINE = "b0000000-0000-4000-8000-000000000009";
const PAID = { source: "billing", resource: "invoice", event: "paid", resourceId: "inv.7" };

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
  await stack.sql`insert into heddle.agents (id, org_id, name) values (${SECOND}, ${DEMO_ORG}, 'Second')`;
  await stack.sql`
    insert into heddle.members (org_id, user_id, name, role, every_agent)
    values (${DEMO_ORG}, ${OLGA}, 'Olga', 'owner', true), (${DEMO_ORG}, ${PIET}, 'Piet', 'operator', false)`;
  await stack.sql`
    insert into heddle.member_agents (org_id, user_id, agent_id) values (${DEMO_ORG}, ${PIET}, ${SECOND})`;
});
afterAll(() => stack.stop());

const write = (event: unknown, headers: Record<string, string> = {}, key = stack.eventsKey) =>
  callFunction(stack, "events", postJson(event, { "x-api-key": key, ...headers }));
const read = (query: string, headers: Record<string, string> = { "x-api-key": stack.eventsKey }) =>
  callFunction(stack, `events?${query}`, { headers });
const pageOf = ({ status, body }: Answer) => {
  expect({ status, body }).toMatchObject({ status: 200 });
  return readEventsAnswer.parse(body);
};
const now = async (headers?: Record<string, string>) => pageOf(await read("", headers)).cursor;
const idsOf = (answer: Answer) => pageOf(answer).events.map(({ topic }) => topic.split(".").at(-1));
const asMember = async (sub: string, claims = {}) => ({
  authorization: `Bearer ${await tokenFor("authenticated", { sub, ...claims })}`,
});

describe("an event of the owner's", () => {
  it("is answered with its topic, and read with what it holds", async () => {
    const since = await now();
    const { status, body } = await write({ ...PAID, actor: "ada", data: { total: 12.5, note: "ü\ud800" } });
    expect(status).toBe(200);
    const written = writeEventAnswer.parse(body);
    expect(written).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: "invoice.paid",
      at: expect.stringMatching(/^\d{4}-/),
      topic: `events.${DEMO_ORG}.billing.invoice.paid.inv%2E7`,
    });
    const page = pageOf(await read(`since=${since}`));
    expect(page.events).toEqual([{
      v: 1,
      ...written,
      actor: "ada",
      data: { total: 12.5, note: "ü\ufffd" },
    }]);
    expect(pageOf(await read(`since=${page.cursor}`)).events).toEqual([]);
  });

  it.each([
    [{}, "source"],
    [{ ...PAID, source: "" }, "source"],
    [{ ...PAID, source: "conversations" }, "source"],
    [{ ...PAID, resourceId: "x".repeat(129) }, "resourceId"],
    [{ ...PAID, resource_id: "7" }, ""],
    [{ ...PAID, data: [] }, "data"],
    [{ ...PAID, data: { a: "\0" } }, "data.a"],
    [{ ...PAID, data: { text: "x".repeat(64 * 1024) } }, "data"],
  ])("is refused where it breaks the schema: %j", async (event, path) => {
    const answer = await write(event);
    expectError(answer, "invalid_request");
    expect(answer.body.error?.issues?.map((issue) => issue.path)).toContain(path);
  });

  it("needs a key that may write", async () => {
    expectError(await callFunction(stack, "events", postJson(PAID)), "missing_api_key");
    expectError(await write(PAID, {}, "hdl_unknown"), "invalid_api_key");
    expectError(await write(PAID, {}, stack.agent.apiKey), "forbidden");
    const reader = await makeEventKey(stack.sql, { scopes: ["events:read"] });
    expectError(await write(PAID, {}, reader), "forbidden");
    const revoked = await makeEventKey(stack.sql);
    await stack.sql`update heddle.api_keys set revoked_at = now()
      where key_hash = ${createHash("sha256").update(revoked).digest("hex")}`;
    expectError(await write(PAID, {}, revoked), "invalid_api_key");
  });

  it("that ends a task is told at once to the teams whose rule is on, without waiting for the next tending", async () => {
    await stack
      .sql`select heddle_api.set_rule(id, 'task_ended', true, null, '{"channels": []}') from heddle.agents`;
    await stack.sql`select heddle_api.set_rule(${SECOND}, 'task_ended', false)`;
    const told = async () =>
      (await stack
        .sql`select recipient, content from heddle.notifications where rule = 'task_ended' order by id`)
        .map(({ recipient, content }) => `${recipient} ${content}`);
    const ended = {
      source: "erp",
      resource: "task",
      event: "completed",
      resourceId: "7",
      data: { title: "Import" },
    };
    await write({ ...ended, event: "started" });
    await write(ended);
    await expect.poll(told, { timeout: 10_000 }).toEqual([`${OLGA} Import is done.`]);
    await stack.sql`delete from heddle.notification_rules`;
    await stack.sql`delete from heddle.notification_cursors`;
  });

  it("is written once for an Idempotency-Key, however often and however many at once send it", async () => {
    const since = await now();
    const headers = { "idempotency-key": randomUUID() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => write(PAID, headers)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    // Other words for the same.
    const { source, ...rest } = PAID;
    expect((await write({ ...rest, source, data: {} }, headers)).text).toBe(answers[0]?.text);
    expectError(await write({ ...PAID, event: "sent" }, headers), "conflict");
    expect(idsOf(await read(`since=${since}`))).toEqual(["inv%2E7"]);
  });

  it("is another one under the same Idempotency-Key from another agent's backend, and from the organisation's", async () => {
    const headers = { "idempotency-key": "invoice-8" };
    const keys = [
      await makeEventKey(stack.sql, { agentId: stack.agent.id }),
      await makeEventKey(stack.sql, { agentId: SECOND }),
      await makeEventKey(stack.sql),
    ];
    const answers = [];
    for (const [n, key] of keys.entries()) {
      answers.push(await write({ ...PAID, resourceId: `${n}` }, headers, key));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(3);
    // Whoever replaces a key repeats what the old one sent.
    const replacement = await makeEventKey(stack.sql, { agentId: stack.agent.id });
    expect((await write({ ...PAID, resourceId: "0" }, headers, replacement)).text).toBe(answers[0]?.text);
  });

  it("is written again for the same Idempotency-Key a day later", async () => {
    const headers = { "idempotency-key": "daily" };
    const first = await write(PAID, headers);
    await stack.sql`update heddle.event_keys set at = now() - interval '25 hours'`;
    const second = await write({ ...PAID, event: "sent" }, headers);
    expect(second.status).toBe(200);
    expect(second.text).not.toBe(first.text);
  });

  it.each(["", "ü", "x".repeat(256)])("is refused with an Idempotency-Key that is none: %s", async (key) => {
    const answer = await write(PAID, { "idempotency-key": Buffer.from(key).toString("latin1") });
    expectError(answer, "invalid_request");
  });
});

describe("reading", () => {
  it("goes on where the last answer ended, by pages", async () => {
    let since = await now();
    for (let n = 0; n < 5; n++) await write({ ...PAID, resourceId: `${n}` });
    const pages: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      const answer = await read(`since=${since}&limit=2`);
      pages.push(idsOf(answer));
      since = pageOf(answer).cursor;
    }
    expect(pages).toEqual([["0", "1"], ["2", "3"], ["4"], []]);
  });

  it("waits until there is something, or for as long as it is told", async () => {
    const since = await now();
    const topic = `topic=events.${DEMO_ORG}.waited.*.*.*`;
    const waiting = read(`since=${since}&wait=20&${topic}`);
    await write(PAID);
    await write({ ...PAID, source: "waited" });
    const answer = await waiting;
    expect(pageOf(answer).events).toEqual([expect.objectContaining({ type: "invoice.paid" })]);
    const from = performance.now();
    expect(pageOf(await read(`since=${pageOf(answer).cursor}&wait=1&${topic}`)).events).toEqual([]);
    expect(performance.now() - from).toBeGreaterThan(900);
  });

  it("hears of the channels and topics it names, together", async () => {
    const since = await now();
    for (const source of ["a.b", "a", "*"]) await write({ ...PAID, source, resourceId: source });
    await stack.sql`select heddle.log_event(${DEMO_ORG}, ${SECOND},
      ${["conversations", "conversation", "message_posted", NINE]}, 'message:new', null, '{}')`;
    await stack.sql`select heddle.log_event(${DEMO_ORG}, ${SECOND},
      ${["users", "user", "online", `${NINE}/x`]}, 'user:online', null, '{}')`;
    const heard = async (filters: string[]) => idsOf(await read([`since=${since}`, ...filters].join("&")));
    const topic = (tokens: string) => `topic=${encodeURIComponent(`events.${DEMO_ORG}.${tokens}`)}`;
    expect(await heard([topic("a%2Eb.*.*.*")])).toEqual(["a%2Eb"]);
    expect(await heard([topic("%2A.invoice.*.*")])).toEqual(["%2A"]);
    expect(await heard([topic("*.invoice.paid.*")])).toEqual(["a%2Eb", "a", "%2A"]);
    expect(await heard([`channel=conversation:${NINE}`, `channel=user:${NINE}%2Fx`, topic("a.*.*.*")]))
      .toEqual(["a", NINE, `${NINE}%2Fx`]);
    expect(await heard([`channel=room:${NINE}`])).toEqual([]);
  });

  it.each([
    "wait=26",
    "wait=-1",
    "limit=0",
    "limit=1&limit=2",
    "limit=501",
    "since=x",
    "channel=9",
    "channel=toString:9",
    "channel=room:%00",
    "since=%00",
    "topic=events.*.a.b.c.d",
    `topic=events.${DEMO_ORG}.a.b.c`,
    `topic=events.${DEMO_ORG}.a.b.c.>`,
    `topic=events.${DEMO_ORG}.a.b.c.%2525`.replace("%2525", "%25ZZ"),
    "channel=conversation:ABC",
    `topic=events.${DEMO_ORG}.rooms.room.*.x`,
    Array(51).fill(`channel=room:${NINE}`).join("&"),
  ])("is refused for what it can't mean: %s", async (query) => {
    expectError(await read(query), "invalid_request");
  });

  it("has expired where the log is another one", async () => {
    const since = await now();
    await stack.sql`update heddle.event_log set id = gen_random_uuid()`;
    expectError(await read(`since=${since}`), "cursor_expired");
  });

  it("may a key with the scope, an agent's for that agent", async () => {
    const since = await now();
    const own = await makeEventKey(stack.sql, { agentId: SECOND });
    await write(PAID);
    await write({ ...PAID, resourceId: "its own" }, {}, own);
    expect(idsOf(await read(`since=${since}`, { "x-api-key": own }))).toEqual(["its%20own"]);
    expect(idsOf(await read(`since=${since}`))).toEqual(["inv%2E7", "its%20own"]);
    expectError(await read(`topic=events.${randomUUID()}.*.*.*.*`), "forbidden");
    expectError(await read("", { "x-api-key": stack.agent.apiKey }), "forbidden");
    expectError(await read("", {}), "missing_api_key");
  });

  it("may a member of the team with their own token, of the agents they answer for", async () => {
    const since = await now(await asMember(OLGA));
    const own = await makeEventKey(stack.sql, { agentId: SECOND });
    await write(PAID);
    await write({ ...PAID, resourceId: "second" }, {}, own);
    expect(idsOf(await read(`since=${since}`, await asMember(OLGA)))).toEqual(["inv%2E7", "second"]);
    expect(idsOf(await read(`since=${since}`, await asMember(PIET)))).toEqual(["second"]);
    expectError(await read(`topic=events.${randomUUID()}.*.*.*.*`, await asMember(PIET)), "forbidden");
  });

  it("may nobody else with a token", async () => {
    expectError(await read("", await asMember(randomUUID())), "forbidden");
    expectError(await read("", await asMember(OLGA, { exp: 1 })), "invalid_session");
    expectError(await read("", { authorization: "Bearer x" }), "invalid_session");
    expectError(await read("", { authorization: `Bearer ${stack.publishableKey}` }), "invalid_session");
  });

  it("ends for a member who is dismissed while waiting", async () => {
    const since = await now(await asMember(PIET));
    const waiting = read(`since=${since}&wait=20`, await asMember(PIET));
    await stack.sql`delete from heddle.members where user_id = ${PIET}`;
    expectError(await waiting, "forbidden");
  });
});
