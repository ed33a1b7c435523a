import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { validateWidgetAnswer } from "../../../shared/api/validate_widget.ts";
import { type FakeOwner, ownerJson, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { expectError } from "./support/errors.ts";
import { callFunction, postJson, userToken, validateWidget } from "./support/visitor.ts";

let owner: FakeOwner;
let stack: TestStack;

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({ ownerUrl: owner.url });
});
afterAll(async () => {
  await stack.stop();
  await owner.stop();
});
beforeEach(async () => {
  await allowAnonymous(true);
  await stack.sql`truncate heddle.rate_buckets, heddle.visitors`;
});

const allowAnonymous = (allowed: boolean) =>
  stack.sql`update heddle.agents set anonymous_allowed = ${allowed} where id = ${stack.agent.id}`;

const validate = (body: Record<string, unknown> = {}, origin = owner.url) =>
  validateWidget(stack, origin, { agentId: stack.agent.id, ...body });

/** A validation that succeeds: the id and the token of the visitor. */
async function enter(body: Record<string, unknown> = {}) {
  const answer = validateWidgetAnswer.strict().parse((await validate(body)).body);
  return { id: answer.endUser.id, token: answer.visitorToken ?? "", answer };
}

async function countVisitors(): Promise<number> {
  const [row] = await stack.sql`select count(*)::int from heddle.visitors`;
  return row?.count;
}

const otherAgent = async (): Promise<string> => {
  const [agent] = await stack.sql`
    insert into heddle.agents (org_id, name, allowed_origins, anonymous_allowed)
    values (gen_random_uuid(), 'Other', ${[owner.url]}, true) returning id`;
  await stack.sql`
    insert into heddle.agent_secrets (agent_id, signing_current, webhook_current)
    values (${agent?.id}, ${"s".repeat(32)}, ${`whsec_${"A".repeat(44)}`})`;
  return agent?.id;
};

describe("a visitor without a token", () => {
  it("becomes an anonymous one with a token of 256 bits", async () => {
    const { id, token, answer } = await enter();
    expect(id).toMatch(/^anon_[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(answer.endUser).toEqual({ id, anonymous: true });
  });

  it("is another one each time", async () => {
    const [first, second] = [await enter(), await enter()];
    expect(second.id).not.toBe(first.id);
    expect(second.token).not.toBe(first.token);
  });

  it("is kept as a hash, so that whoever reads the table can't pose as anybody", async () => {
    const { id, token } = await enter();
    const [row] = await stack.sql`select * from heddle.visitors`;
    expect(`anon_${row?.id}`).toBe(id);
    expect(row?.token_hash).toBe(createHash("sha256").update(token).digest("hex"));
    expect(JSON.stringify(row)).not.toContain(token);
    expect(stack.logs()).not.toContain(token);
  });

  it("is refused, and not kept, where the agent allows none", async () => {
    const { token } = await enter();
    await allowAnonymous(false);
    expectError(await validate(), "anonymous_not_allowed");
    expectError(await validate({ visitorToken: token }), "anonymous_not_allowed");
    expect(await countVisitors()).toBe(1);
  });

  it("on a page that the owner did not name is refused, and not kept", async () => {
    expectError(await validate({}, "https://evil.example"), "origin_not_allowed");
    expect(await countVisitors()).toBe(0);
  });

  it("asks webhooks under that id and without an e-mail address", async () => {
    const { id, answer } = await enter();
    owner.answer(ownerJson([]));
    owner.requests.length = 0;
    const authorization = `Bearer ${answer.session}`;
    const list = await callFunction(stack, `tab-fetch?tabId=${stack.tabs.messaging}`, {
      headers: { authorization },
    });
    expect(list.body.listChannel).toMatch(new RegExp(`^agent-${stack.agent.id}-user-${id}-[0-9a-f]{64}$`));
    owner.answer(ownerJson({ id: "1" }));
    const clientId = crypto.randomUUID();
    const written = { action: "create_item", tabId: stack.tabs.messaging, clientId, body: "hi" };
    await callFunction(stack, "tab-action", postJson(written, { authorization }));
    const [read, write] = owner.requests;
    expect(read?.query.get("endUserId")).toBe(id);
    expect(read?.query.has("endUserEmail")).toBe(false);
    expect(JSON.parse(write?.body ?? "{}").endUser).toEqual({ id });
  });
});

describe("the same token", () => {
  it("continues the same visitor, and is answered again", async () => {
    const { id, token } = await enter();
    expect(await enter({ visitorToken: token })).toMatchObject({ id, token });
    expect(await countVisitors()).toBe(1);
  });

  it("counts 180 days from the last visit", async () => {
    const { id, token } = await enter();
    const daysLeft = async () => {
      const [row] = await stack.sql`
        select round(extract(epoch from expires_at - now()) / 86400)::int as days from heddle.visitors`;
      return row?.days;
    };
    expect(await daysLeft()).toBe(180);
    await stack.sql`update heddle.visitors set expires_at = now() + interval '1 day'`;
    expect((await enter({ visitorToken: token })).id).toBe(id);
    expect(await daysLeft()).toBe(180);
  });

  it("that has expired starts a new visitor, and the old row goes", async () => {
    const { id, token } = await enter();
    await stack.sql`update heddle.visitors set expires_at = now() - interval '1 second'`;
    const next = await enter({ visitorToken: token });
    expect(next.id).not.toBe(id);
    expect(next.token).not.toBe(token);
    expect(await countVisitors()).toBe(1);
  });

  it("at another agent is nobody's: visitors can't be followed from owner to owner", async () => {
    const { id, token } = await enter();
    const next = await enter({ agentId: await otherAgent(), visitorToken: token });
    expect(next.id).not.toBe(id);
    expect(next.token).not.toBe(token);
  });
});

describe("an attack by", () => {
  it.each([
    ["a token of the attacker's own making (fixation)", () => randomBytes(32).toString("base64url")],
    ["a hash out of the table", () => createHash("sha256").update("x").digest("hex")],
    ["a visitor's id", () => "anon_00000000-0000-4000-8000-000000000000"],
    ["SQL", () => "' or true --"],
    ["NUL", () => "a\u0000b"],
    ["8 KiB", () => "y".repeat(8192)],
  ])("%s in place of a token gets a new visitor with another token", async (_, make) => {
    const { id } = await enter();
    const visitorToken = make();
    const next = await enter({ visitorToken });
    expect(next.id).not.toBe(id);
    expect(next.token).not.toBe(visitorToken);
    expect((await enter({ visitorToken })).id).not.toBe(next.id);
  });

  it("a stolen table: the stored hash is no token", async () => {
    const { id } = await enter();
    const [row] = await stack.sql`select token_hash from heddle.visitors`;
    expect((await enter({ visitorToken: row?.token_hash })).id).not.toBe(id);
  });

  it("an owner's token for somebody's anonymous id is refused", async () => {
    const { id } = await enter();
    expectError(await validate({ userToken: await userToken(stack, { sub: id }) }), "invalid_user_token");
  });

  it("a broken userToken beside a good visitorToken does not fall back to the anonymous visitor", async () => {
    const { token } = await enter();
    expectError(await validate({ userToken: "forged", visitorToken: token }), "invalid_user_token");
  });

  it("one address that makes visitors without end ends at 20, with a time to wait", async () => {
    const answers = [];
    for (let count = 0; count < 23; count++) answers.push(await validate());
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expectError(answer, "rate_limited");
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(await countVisitors()).toBe(answers.length - refused.length);
  });

  it("one address does not keep known and identified visitors out", async () => {
    const { id, token } = await enter();
    await stack.sql`update heddle.rate_buckets set full_at = now() + interval '1 hour'`;
    expectError(await validate(), "rate_limited");
    expectError(await validate({ visitorToken: "unknown" }), "rate_limited");
    expect((await enter({ visitorToken: token })).id).toBe(id);
    expect((await enter({ userToken: await userToken(stack) })).id).toBe("shopper-7");
  });
});

describe("identifying", () => {
  it("wins over the visitorToken and never merges: neither knows the other's id", async () => {
    const anonymous = await enter();
    const identified = await enter({ userToken: await userToken(stack), visitorToken: anonymous.token });
    expect(identified.answer.endUser).toEqual({ id: "shopper-7", anonymous: false });
    expect(identified.answer.visitorToken).toBeUndefined();
    expect((await enter({ visitorToken: anonymous.token })).id).toBe(anonymous.id);
  });

  it("with an anonymous visitor's token in place of the owner's is refused", async () => {
    const { token } = await enter();
    expectError(await validate({ userToken: token }), "invalid_user_token");
  });
});
