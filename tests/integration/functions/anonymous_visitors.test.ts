import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
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
  stack = await startStack({ ownerUrl: owner.url, storeTab: true });
});
afterAll(async () => {
  await stack.stop();
  await owner.stop();
});
beforeEach(async () => {
  await allowAnonymous(true);
  await stack.sql`truncate heddle.rate_buckets, heddle.erased_visitors`;
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

const DAY_MS = 24 * 60 * 60 * 1000;

/** A token as it was handed out so many days ago. */
async function agedToken(token: string, days: number): Promise<string> {
  const [row] = await stack
    .sql`select visitor_secret from heddle.agent_secrets where agent_id = ${stack.agent.id}`;
  const dated = Buffer.from(token, "base64url").subarray(0, 23);
  dated.writeUIntBE(Math.floor(Date.now() / DAY_MS) - days, 20, 3);
  const tag = createHmac("sha256", row?.visitor_secret).update(dated).digest().subarray(0, 16);
  return Buffer.concat([dated, tag]).toString("base64url");
}

function fetchList(session: string) {
  owner.answer(ownerJson([]));
  return callFunction(stack, `tab-fetch?tabId=${stack.tabs.messaging}`, {
    headers: { authorization: `Bearer ${session}` },
  });
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
  it.each(["", "x", "x".repeat(9_000), "null"])(
    "is whoever comes with what is none",
    async (visitorToken) => {
      const { id, token } = await enter({ visitorToken });
      expect(await enter({ visitorToken: token })).toMatchObject({ id });
    },
  );

  it("becomes an anonymous one with a token that proves them", async () => {
    const { id, token, answer } = await enter();
    const random = Buffer.from(token, "base64url").subarray(0, 20);
    const hash = createHash("sha256").update(stack.agent.id).update(random).digest("hex");
    expect(id).toBe(`anon_${hash.slice(0, 32)}`);
    expect(token).toBe(await agedToken(token, 0));
    expect(answer.endUser).toEqual({ id, anonymous: true });
    expect(stack.logs()).not.toContain(token);
  });

  it("is another one each time", async () => {
    const [first, second] = [await enter(), await enter()];
    expect(second.id).not.toBe(first.id);
    expect(second.token).not.toBe(first.token);
  });

  it("is refused where the agent allows none, also with a token of before", async () => {
    const { token } = await enter();
    await allowAnonymous(false);
    expectError(await validate(), "anonymous_not_allowed");
    expectError(await validate({ visitorToken: token }), "anonymous_not_allowed");
  });

  it("on a page that the owner did not name is refused", async () => {
    expectError(await validate({}, "https://evil.example"), "origin_not_allowed");
  });

  it("comes in however many others do: there is no table that they could fill", async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => validate()));
    expect(new Set(answers.map(({ body }) => body.endUser?.id)).size).toBe(60);
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
  });

  it("is dated anew after a month, for the same visitor", async () => {
    const { id, token } = await enter();
    const renewed = await enter({ visitorToken: await agedToken(token, 31) });
    expect(renewed).toMatchObject({ id, token });
    expect(await enter({ visitorToken: await agedToken(token, 29) })).toMatchObject({
      id,
      token: await agedToken(token, 29),
    });
  });

  it("counts for 180 days, and starts a new visitor then", async () => {
    const { id, token } = await enter();
    expect((await enter({ visitorToken: await agedToken(token, 180) })).id).toBe(id);
    const next = await enter({ visitorToken: await agedToken(token, 181) });
    expect(next.id).not.toBe(id);
    expect(Buffer.from(next.token, "base64url").subarray(0, 20))
      .not.toEqual(Buffer.from(token, "base64url").subarray(0, 20));
  });

  it("at another agent is nobody's: visitors can't be followed from owner to owner", async () => {
    const { id, token } = await enter();
    const next = await enter({ agentId: await otherAgent(), visitorToken: token });
    expect(next.id).not.toBe(id);
    expect(next.token).not.toBe(token);
  });
});

describe("a visitor who was erased", () => {
  const erase = (id: string) =>
    stack.sql`select heddle_api.erase_anonymous_visitor(${stack.agent.id}, ${id})`;

  it("is nobody any more: every token of theirs starts a new visitor", async () => {
    const { id, token } = await enter();
    const older = await agedToken(token, 31);
    await erase(id);
    for (const visitorToken of [token, older]) {
      const next = await enter({ visitorToken });
      expect(next.id).not.toBe(id);
      expect(next.token.slice(0, 26)).not.toBe(token.slice(0, 26));
      expect((await enter({ visitorToken: next.token })).id).toBe(next.id);
    }
  });

  it("loses open sessions in their next call, and nobody else does", async () => {
    const [erased, other] = [await enter(), await enter()];
    expect((await fetchList(erased.answer.session)).status).toBe(200);
    await erase(erased.id);
    expectError(await fetchList(erased.answer.session), "invalid_session");
    expect((await fetchList(other.answer.session)).status).toBe(200);
  });

  it("at one agent is not erased at another", async () => {
    const agentId = await otherAgent();
    const there = await enter({ agentId });
    await erase(there.id);
    expect((await enter({ agentId, visitorToken: there.token })).id).toBe(there.id);
  });
});

describe("an attack by", () => {
  it.each([
    ["a token of the attacker's own making (fixation)", () => randomBytes(39).toString("base64url")],
    ["a token of another length", () => randomBytes(32).toString("base64url")],
    ["a visitor's id", () => `anon_${"0".repeat(32)}`],
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

  it("an owner's token for somebody's anonymous id is refused", async () => {
    const { id } = await enter();
    expectError(await validate({ userToken: await userToken(stack, { sub: id }) }), "invalid_user_token");
  });

  it("a broken userToken beside a good visitorToken does not fall back to the anonymous visitor", async () => {
    const { token } = await enter();
    expectError(await validate({ userToken: "forged", visitorToken: token }), "invalid_user_token");
  });

  it("one address that validates without end gets 429 with Retry-After, whatever it sends", async () => {
    const { token } = await enter();
    await stack.sql`update heddle.rate_buckets set full_at = now() + interval '1 hour'`;
    for (
      const body of [{}, { visitorToken: token }, { userToken: await userToken(stack) }, {
        agentId: randomUUID(),
      }]
    ) {
      const answer = await validate(body);
      expectError(answer, "rate_limited");
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
  });
});

describe("identifying", () => {
  /** Writes on the store tab, in that session. */
  async function write(session: string, body: string): Promise<string> {
    const clientId = randomUUID();
    const written = { action: "create_item", tabId: stack.tabs.store, clientId, body };
    const answer = await callFunction(
      stack,
      "tab-action",
      postJson(written, { authorization: `Bearer ${session}` }),
    );
    expect(answer.status).toBe(200);
    return answer.body.item?.id ?? "";
  }
  async function conversations(session: string): Promise<string[]> {
    const { body } = await callFunction(stack, `tab-fetch?tabId=${stack.tabs.store}`, {
      headers: { authorization: `Bearer ${session}` },
    });
    return (body.items ?? []).map(({ id }) => id);
  }
  const as = async (sub: string, visitorToken: string) =>
    (await enter({ userToken: await userToken(stack, { sub }), visitorToken })).answer;

  it("wins over the visitorToken: neither knows the other's id", async () => {
    const anonymous = await enter();
    const identified = await enter({ userToken: await userToken(stack), visitorToken: anonymous.token });
    expect(identified.answer.endUser).toEqual({ id: "shopper-7", anonymous: false });
    expect(identified.answer.visitorToken).toBeUndefined();
    expect((await enter({ visitorToken: anonymous.token })).id).toBe(anonymous.id);
  });

  it("brings along what its browser's anonymous visitor wrote on store tabs", async () => {
    const anonymous = await enter();
    const id = await write(anonymous.answer.session, "before I sign in");
    const { session } = await as("signs-in", anonymous.token);
    expect(await conversations(session)).toEqual([id]);
    expect(await conversations(anonymous.answer.session)).toEqual([]);
    // Nor does a page that still is anonymous reach it.
    const stolen = { action: "item_clicked", tabId: stack.tabs.store, itemId: id };
    const authorization = `Bearer ${anonymous.answer.session}`;
    expectError(
      await callFunction(stack, "tab-action", postJson(stolen, { authorization })),
      "item_not_found",
    );
  });

  it("as somebody else in the same browser brings along nothing, however often", async () => {
    const anonymous = await enter();
    const id = await write(anonymous.answer.session, "before I sign in");
    const first = await as("first-in", anonymous.token);
    await write(anonymous.answer.session, "after they signed out");
    for (const _ of [1, 2]) {
      expect(await conversations((await as("second-in", anonymous.token)).session)).toEqual([]);
    }
    expect(await conversations(first.session)).toEqual([id]);
  });

  it.each([
    ["a forged token", async (token: string) => {
      const bytes = Buffer.from(token, "base64url");
      bytes.writeUInt8(bytes.readUInt8(38) ^ 1, 38);
      return await Promise.resolve(bytes.toString("base64url"));
    }],
    ["a token with another day", async (token: string) => {
      const bytes = Buffer.from(token, "base64url");
      bytes.writeUInt8(bytes.readUInt8(22) ^ 1, 22);
      return await Promise.resolve(bytes.toString("base64url"));
    }],
    ["one that has ended", (token: string) => agedToken(token, 181)],
  ])("with %s brings along nothing", async (_, change) => {
    const anonymous = await enter();
    const id = await write(anonymous.answer.session, "mine");
    const visitorToken = await change(anonymous.token);
    expect(visitorToken).not.toBe(anonymous.token);
    expect(await conversations((await as("thief", visitorToken)).session)).toEqual([]);
    expect(await conversations(anonymous.answer.session)).toEqual([id]);
  });

  it("with a user token that is refused brings along nothing", async () => {
    const anonymous = await enter();
    const id = await write(anonymous.answer.session, "mine");
    expectError(await validate({ userToken: "forged", visitorToken: anonymous.token }), "invalid_user_token");
    expect(await conversations(anonymous.answer.session)).toEqual([id]);
  });

  it("with another name and address is called so by the team", async () => {
    const come = async (claims: Record<string, string>) =>
      (await enter({ userToken: await userToken(stack, { sub: "renamed", ...claims }) })).answer.session;
    await write(await come({ name: "Ada", email: "ada@shop.example" }), "Hello");
    await stack.sql`truncate heddle.leases`;
    await conversations(await come({ name: "Ada Lovelace", email: "a@shop.example?bcc=b@evil.example" }));
    const [row] = await stack.sql`select name, email from heddle.visitors where end_user_id = 'renamed'`;
    expect(row).toEqual({ name: "Ada Lovelace", email: "ada@shop.example" });
  });

  it("with an anonymous visitor's token in place of the owner's is refused", async () => {
    const { token } = await enter();
    expectError(await validate({ userToken: token }), "invalid_user_token");
  });
});
