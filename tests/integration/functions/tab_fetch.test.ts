import { createHmac } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { derivedKey, signSession } from "../../../supabase/functions/_shared/auth/session.ts";
import { type FakeOwner, ownerJson, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { verifiedIdentity } from "../../support/verify_webhook.ts";
import { expectError } from "./support/errors.ts";
import { callFunction, signIn, type Visitor } from "./support/visitor.ts";

const ROWS = { conversations: null, data: [{ id: 7, subject: "Ferns", unread_count: 2, topic: "plants" }] };
const ITEMS = [{ id: "7", title: "Ferns", unread: 2, fields: { topic: "plants" } }];

let owner: FakeOwner;
let stack: TestStack;
let visitor: Visitor;

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({ ownerUrl: owner.url });
  visitor = await signIn(stack, owner.url, { sub: "a b|🌿", email: "ann@shop.example" });
});

afterAll(async () => {
  await stack.stop();
  await owner.stop();
});

beforeEach(() => owner.answer(ownerJson(ROWS)));

const messages = () => `tabId=${stack.tabs.messaging}`;

describe("tab-fetch", () => {
  it("answers the owner's list, normalised, with the visitor's channel", async () => {
    const { status, body } = await visitor.tabFetch(messages());
    const base = `agent-${stack.agent.id}-user-a b|🌿`;
    const hmac = createHmac("sha256", stack.agent.signingSecret).update(base).digest("hex");
    expect({ status, body }).toEqual({ status: 200, body: { items: ITEMS, listChannel: `${base}-${hmac}` } });
  });

  it("names no channel on a default tab", async () => {
    const { body } = await visitor.tabFetch(`tabId=${stack.tabs.default}`);
    expect(body).toEqual({ items: ITEMS });
  });

  it("passes cursors on and back as they are", async () => {
    owner.answer(ownerJson({ items: [], next_cursor: "page/3 & more" }));
    const { body } = await visitor.tabFetch(`${messages()}&cursor=${encodeURIComponent("page/2 & more")}`);
    expect(owner.requests.at(-1)?.query.get("cursor")).toBe("page/2 & more");
    expect(body.nextCursor).toBe("page/3 & more");
  });

  it("asks for no page whose cursor holds a control character", async () => {
    const asked = owner.requests.length;
    const { status, body } = await visitor.tabFetch(`${messages()}&cursor=a%00b`);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { error: { issues: [{ path: "cursor" }] } },
    });
    expect(owner.requests).toHaveLength(asked);
  });

  it("takes an empty cursor for none", async () => {
    expect((await visitor.tabFetch(`${messages()}&cursor=`)).status).toBe(200);
    expect(owner.requests.at(-1)?.query.has("cursor")).toBe(false);
  });

  it("names the visitor to the webhook, signed, and with the connector's credential", async () => {
    await visitor.tabFetch(messages(), { "x-request-id": "req_from_widget" });
    const request = owner.requests.at(-1);
    if (request === undefined) throw new Error("the owner was asked");
    const { headers } = request;
    expect(request.method).toBe("GET");
    expect(Object.fromEntries(request.query)).toEqual({
      action: "get_items",
      tabId: stack.tabs.messaging,
      endUserId: "a b|🌿",
      endUserEmail: "ann@shop.example",
    });
    expect(headers.authorization).toBe("Bearer local-demo-connector-token");
    expect(headers["x-request-id"]).toBe("req_from_widget");
    expect(Object.keys(headers).filter((name) => name.startsWith("webhook-"))).toEqual([]);
    expect(await verifiedIdentity(headers, stack.agent)).toEqual({
      iss: "heddle",
      aud: stack.agent.id,
      sub: "a b|🌿",
      email: "ann@shop.example",
      action: "get_items",
      tabId: stack.tabs.messaging,
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
  });
});

describe("an unchanged list", () => {
  it("is answered with 304 and no body", async () => {
    const etag = (await visitor.tabFetch(messages())).headers.get("etag") ?? "";
    expect(etag).toMatch(/^W\/"/);
    const again = await visitor.tabFetch(messages(), { "if-none-match": etag });
    expect(again.status).toBe(304);
    expect(again.text).toBe("");
    expect(again.headers.get("etag")).toBe(etag);
    expect(again.headers.get("access-control-expose-headers")).toContain("etag");
  });

  it("is sent again when it changes, and to other visitors, tabs and cursors", async () => {
    const etag = (await visitor.tabFetch(messages())).headers.get("etag") ?? "";
    const other = await signIn(stack, owner.url, { sub: "somebody else" });
    const known = { "if-none-match": etag };
    expect((await other.tabFetch(messages(), known)).status).toBe(200);
    expect((await visitor.tabFetch(`tabId=${stack.tabs.default}`, known)).status).toBe(200);
    expect((await visitor.tabFetch(`${messages()}&cursor=2`, known)).status).toBe(200);
    owner.answer(ownerJson([]));
    expect((await visitor.tabFetch(messages(), known)).status).toBe(200);
  });
});

describe("a session", () => {
  const withSession = (authorization: string) =>
    callFunction(stack, `tab-fetch?${messages()}`, { headers: authorization ? { authorization } : {} });

  it("is needed", async () => {
    expectError(await withSession(""), "missing_session");
    expectError(await withSession("Basic dTpw"), "missing_session");
  });

  it("can't be forged", async () => {
    const claims = { iss: "heddle", sub: "1", agentId: stack.agent.id, kind: "identified", version: 1 };
    const exp = Math.floor(Date.now() / 1000) + 600;
    const sign = (secret: string) =>
      new SignJWT({ ...claims, exp }).setProtectedHeader({ alg: "HS256" }).sign(
        new TextEncoder().encode(secret),
      );
    const tokens = [
      "garbage",
      await sign("guess"),
      await sign(stack.secretKey),
      await sign(stack.agent.signingSecret),
      new UnsecuredJWT({ ...claims, exp }).encode(),
      `${visitor.validated.session}x`,
    ];
    for (const token of tokens) expectError(await withSession(`Bearer ${token}`), "invalid_session");
  });

  it("ends", async () => {
    const session = {
      agentId: stack.agent.id,
      endUser: { id: "1" },
      kind: "identified",
      version: 1,
    } as const;
    const key = derivedKey(stack.secretKey, "session");
    const { token } = await signSession(session, key, Date.now() - 16 * 60_000);
    expectError(await withSession(`Bearer ${token}`), "expired_session");
    const { token: current } = await signSession(session, key, Date.now());
    expect((await withSession(`Bearer ${current}`)).status).toBe(200);
  });

  it("ends when the owner ends all of them", async () => {
    const before = await signIn(stack, owner.url);
    await stack
      .sql`update heddle.agents set session_version = session_version + 1 where id = ${stack.agent.id}`;
    expectError(await before.tabFetch(messages()), "invalid_session");
    visitor = await signIn(stack, owner.url, { sub: "a b|🌿", email: "ann@shop.example" });
    expect((await visitor.tabFetch(messages())).status).toBe(200);
  });
});

describe("a tab", () => {
  it("must be named well", async () => {
    expectError(await visitor.tabFetch(""), "invalid_request");
    expectError(await visitor.tabFetch("tabId=%00"), "invalid_request");
    expectError(await visitor.tabFetch(`${messages()}&cursor=${"x".repeat(1025)}`), "invalid_request");
    const cursor = encodeURIComponent("日".repeat(342));
    expectError(await visitor.tabFetch(`${messages()}&cursor=${cursor}`), "invalid_request");
  });

  it("must be one of the agent's own", async () => {
    const agent = "a0000000-0000-4000-8000-00000000000b";
    const tab = "b0000000-0000-4000-8000-00000000000b";
    await stack
      .sql`insert into heddle.agents (id, org_id, name) values (${agent}, ${crypto.randomUUID()}, 'Other')`;
    await stack.sql`
      insert into heddle.tabs (id, agent_id, name, category, position)
      values (${tab}, ${agent}, 'Theirs', 'messaging', 1)`;
    await stack.sql`
      insert into heddle.tab_actions (agent_id, tab_id, action, enabled, url)
      values (${agent}, ${tab}, 'get_items', true, ${owner.url})`;
    const asked = owner.requests.length;
    expectError(await visitor.tabFetch(`tabId=${tab}`), "tab_not_found");
    expectError(await visitor.tabFetch(`tabId=${crypto.randomUUID()}`), "tab_not_found");
    expect(owner.requests).toHaveLength(asked);
  });

  it.each(["messaging", "default"])("needs no other action: a %s tab", async (category) => {
    const tab = crypto.randomUUID();
    await stack.sql`
      insert into heddle.tabs (id, agent_id, name, category, position)
      values (${tab}, ${stack.agent.id}, 'To look at', ${category}, 9)`;
    await stack.sql`
      insert into heddle.tab_actions (agent_id, tab_id, action, enabled, url)
      values (${stack.agent.id}, ${tab}, 'get_items', true, ${owner.url})`;
    const { status, body } = await visitor.tabFetch(`tabId=${tab}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { items: ITEMS } });
    await stack.sql`delete from heddle.tabs where id = ${tab}`;
  });

  it("must have the action enabled", async () => {
    const disable = (enabled: boolean) =>
      stack.sql`
        update heddle.tab_actions set enabled = ${enabled}
        where tab_id = ${stack.tabs.default} and action = 'get_items'`;
    await disable(false);
    expectError(await visitor.tabFetch(`tabId=${stack.tabs.default}`), "action_not_enabled");
    await disable(true);
  });
});

describe("a visitor who asks too often", () => {
  it("gets 429 with Retry-After, and does not affect others", async () => {
    const hasty = await signIn(stack, owner.url, { sub: "hasty" });
    await stack.sql`
      insert into heddle.rate_buckets (agent_id, subject, mode, key, full_at)
      values (${stack.agent.id}, 'visitor', 'read', 'hasty', now() + interval '10 minutes')`;
    const refused = await hasty.tabFetch(messages());
    expectError(refused, "rate_limited");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await visitor.tabFetch(messages())).status).toBe(200);
  });

  it("is limited by the address, too, which is kept as a hash only", async () => {
    await visitor.tabFetch(messages());
    const addresses = await stack.sql`
      update heddle.rate_buckets set full_at = now() + interval '10 minutes'
      where agent_id = ${stack.agent.id} and subject = 'address' returning key`;
    expect(addresses.map(({ key }) => key)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    const other = await signIn(stack, owner.url, { sub: "behind the same address" });
    expectError(await other.tabFetch(messages()), "rate_limited");
    await stack.sql`delete from heddle.rate_buckets where subject = 'address'`;
    expect((await other.tabFetch(messages())).status).toBe(200);
  });
});

describe("while the signing secret is rotated", () => {
  it("the list names the previous channel until the new ones are handed out, and then counts as changed", async () => {
    const channel = (secret: string) => {
      const base = `agent-${stack.agent.id}-user-a b|🌿`;
      return `${base}-${createHmac("sha256", secret).update(base).digest("hex")}`;
    };
    const before = await visitor.tabFetch(messages());
    const known = { "if-none-match": before.headers.get("etag") ?? "" };
    const [row] = await stack.sql`
      select heddle_api.rotate_signing_secret(${stack.agent.id}) ->> 'secret' as secret`;
    expect(before.body.listChannel).toBe(channel(stack.agent.signingSecret));
    expect((await visitor.tabFetch(messages(), known)).status).toBe(304);
    await stack.sql`
      update heddle.agent_secrets set signing_hand_out_current_at = now() where agent_id = ${stack.agent.id}`;
    expect((await visitor.tabFetch(messages(), known)).body.listChannel).toBe(channel(row?.secret));
  });
});
