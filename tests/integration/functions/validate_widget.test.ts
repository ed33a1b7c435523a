import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateWidgetAnswer } from "../../../shared/api/validate_widget.ts";
import { type FakeOwner, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { expectError } from "./support/errors.ts";
import { callFunction, postJson, userToken, validateWidget } from "./support/visitor.ts";

const UNKNOWN_AGENT = "a0000000-0000-4000-8000-00000000ffff";

let owner: FakeOwner;
let stack: TestStack;
let origin: string;

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({ ownerUrl: owner.url });
  origin = owner.url;
});

afterAll(async () => {
  await stack.stop();
  await owner.stop();
});

const validate = async (body: Record<string, unknown>, from = origin) =>
  await validateWidget(stack, from, { agentId: stack.agent.id, ...body });

describe("validate-widget", () => {
  it("opens a session for the visitor whom the owner names", async () => {
    const token = await userToken(stack, { name: "Ann", email: "ann@shop.example" });
    const { status, headers, body } = await validate({ userToken: token });
    expect(status).toBe(200);
    const answer = validateWidgetAnswer.strict().parse(body);
    expect(answer.endUser).toEqual({
      id: "shopper-7",
      name: "Ann",
      email: "ann@shop.example",
      anonymous: false,
    });
    expect(answer.agent).toEqual({ id: stack.agent.id, name: "Fern & Fable" });
    expect(answer.display).toMatchObject({ accent: "#2f6f4f", theme: "auto" });
    expect(answer.revalidateAfter).toBe(300);
    expect(answer.realtime.key).toBe(stack.publishableKey);
    expect(answer.tabs.map(({ id, category }) => ({ id, category }))).toEqual([
      { id: stack.tabs.messaging, category: "messaging" },
      { id: stack.tabs.default, category: "default" },
    ]);
    expect(answer.tabs[1]?.fields).toEqual([{ key: "note", label: "Delivery note", type: "textarea" }]);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });

  it("gives a browser no secret and no webhook", async () => {
    const { body } = await validate({ userToken: await userToken(stack) });
    const text = JSON.stringify(body);
    const { apiKey, signingSecret, webhookSecret } = stack.agent;
    for (
      const secret of [apiKey, signingSecret, webhookSecret, stack.secretKey, "connector-token", "/heddle/"]
    ) {
      expect(text).not.toContain(secret);
    }
  });

  it("leaves out a tab whose list is not enabled", async () => {
    const enable = (enabled: boolean) =>
      stack.sql`
        update heddle.tab_actions set enabled = ${enabled}
        where tab_id = ${stack.tabs.default} and action = 'get_items'`;
    await enable(false);
    const { tabs } = (await validate({ userToken: await userToken(stack) })).body;
    await enable(true);
    expect(tabs?.map(({ id }) => id)).toEqual([stack.tabs.messaging]);
  });

  it("ends the session with the token at the latest", async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const { body } = await validate({ userToken: await userToken(stack, { exp }) });
    expect(body.expiresAt).toBe(new Date(exp * 1000).toISOString());
  });

  it("ends the session after 15 minutes", async () => {
    const { body } = await validate({ userToken: await userToken(stack) });
    const minutes = (Date.parse(body.expiresAt ?? "") - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(14);
    expect(minutes).toBeLessThanOrEqual(15);
  });

  it("leaves out an e-mail address that is not verified", async () => {
    const token = await userToken(stack, { email: "ann@shop.example", email_verified: false });
    expect((await validate({ userToken: token })).body.endUser).toEqual({
      id: "shopper-7",
      anonymous: false,
    });
  });

  it("does not know other agents", async () => {
    const token = await userToken(stack);
    expectError(await validate({ agentId: UNKNOWN_AGENT, userToken: token }), "agent_not_found");
  });

  it("takes no anonymous visitors unless the agent allows them", async () => {
    await stack.sql`update heddle.agents set anonymous_allowed = false where id = ${stack.agent.id}`;
    expectError(await validate({}), "anonymous_not_allowed");
  });
});

describe("the page's origin", () => {
  it.each(["https://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:4173"])(
    "may not be %s",
    async (foreign) => {
      expectError(await validate({ userToken: await userToken(stack) }, foreign), "origin_not_allowed");
    },
  );

  it("may not be missing", async () => {
    const body = { agentId: stack.agent.id, userToken: await userToken(stack) };
    expectError(await callFunction(stack, "validate-widget", postJson(body)), "origin_not_allowed");
  });

  it("is checked before the token", async () => {
    expectError(await validate({ userToken: "x" }, "https://evil.example"), "origin_not_allowed");
  });

  it("may be a subdomain where the owner says so", async () => {
    await stack.sql`
      update heddle.agents set allowed_origins = array_append(allowed_origins, 'https://*.shop.example')
      where id = ${stack.agent.id}`;
    const token = await userToken(stack);
    expect((await validate({ userToken: token }, "https://www.shop.example")).status).toBe(200);
    expectError(await validate({ userToken: token }, "https://shop.example"), "origin_not_allowed");
  });
});

describe("a user token", () => {
  const forged = async (claims: Record<string, unknown>, alg: string, secret: string) =>
    await new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
  const soon = () => Math.floor(Date.now() / 1000) + 600;

  it.each<[string, () => Promise<string>]>([
    ["a forged signature", () => forged({ sub: "1", exp: soon() }, "HS256", "guess")],
    ["another algorithm", () => forged({ sub: "1", exp: soon() }, "HS512", stack.agent.signingSecret)],
    ["alg: none", () => Promise.resolve(new UnsecuredJWT({ sub: "1", exp: soon() }).encode())],
    ["an expiry in the past", () => userToken(stack, { exp: soon() - 700 })],
    ["no sub", () => userToken(stack, { sub: undefined })],
    ["an anonymous sub", () => userToken(stack, { sub: "anon_1" })],
    ["an impossible sub", () => userToken(stack, { sub: "a\u0000b" })],
    ["no form", () => Promise.resolve("garbage")],
  ])("with %s opens nothing", async (_, token) => {
    expectError(await validate({ userToken: await token() }), "invalid_user_token");
  });
});

describe("while the signing secret is rotated", () => {
  const rotate = async (grace: string): Promise<string> => {
    const [row] = await stack.sql`
      select heddle_api.rotate_signing_secret(${stack.agent.id}, ${grace}::interval) ->> 'secret' as secret`;
    return row?.secret;
  };
  const signedWith = async (secret: string) => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const token = new SignJWT({ sub: "1", exp }).setProtectedHeader({ alg: "HS256" });
    return await validate({ userToken: await token.sign(new TextEncoder().encode(secret)) });
  };

  it("tokens of both secrets count, until the old one ends", async () => {
    const second = await rotate("24 hours");
    expect((await signedWith(stack.agent.signingSecret)).status).toBe(200);
    expect((await signedWith(second)).status).toBe(200);
    const third = await rotate("0");
    expectError(await signedWith(stack.agent.signingSecret), "invalid_user_token");
    expectError(await signedWith(second), "invalid_user_token");
    expect((await signedWith(third)).status).toBe(200);
    await stack.sql`
      update heddle.agent_secrets set signing_current = ${stack.agent.signingSecret},
        signing_hand_out_current_at = now() where agent_id = ${stack.agent.id}`;
  });

  it("the names' version changes when browsers get the new ones", async () => {
    const version = async () => (await validate({ userToken: await userToken(stack) })).body.channelsVersion;
    const before = await version();
    await rotate("24 hours");
    expect(await version()).toBe(before);
    await stack.sql`
      update heddle.agent_secrets set signing_hand_out_current_at = now() where agent_id = ${stack.agent.id}`;
    expect(await version()).not.toBe(before);
    await stack.sql`
      update heddle.agent_secrets set signing_current = ${stack.agent.signingSecret}, signing_previous = null,
        signing_previous_until = null where agent_id = ${stack.agent.id}`;
  });
});

describe("a request that is no request", () => {
  it("is named field by field", async () => {
    const answer = await validate({ agentId: "A0000000-0000-4000-8000-000000000001", userToken: 7 });
    expectError(answer, "invalid_request");
    expect(answer.body.error?.issues?.map(({ path }) => path)).toEqual([
      "agentId",
      "userToken",
    ]);
  });

  it("is refused before anything else", async () => {
    const send = (init: RequestInit) => callFunction(stack, "validate-widget", init);
    expectError(await send(postJson("{", { origin })), "invalid_json");
    expectError(await send(postJson("[]", { origin })), "invalid_request");
    expectError(await send(postJson(`"${"x".repeat(70_000)}"`, { origin })), "payload_too_large");
    expectError(await send({ method: "POST", body: "{}" }), "unsupported_media_type");
    const wrongMethod = await send({ method: "GET" });
    expectError(wrongMethod, "method_not_allowed");
    expect(wrongMethod.headers.get("allow")).toBe("POST, OPTIONS");
  });
});

describe("a browser on another origin", () => {
  it.each(["validate-widget", "tab-fetch", "tab-action"])(
    "may call %s, and read its errors",
    async (name) => {
      const preflight = await callFunction(stack, name, {
        method: "OPTIONS",
        headers: { "origin": "https://evil.example", "access-control-request-method": "POST" },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
      expect(preflight.headers.get("access-control-max-age")).toBe("7200");
      expect(preflight.headers.get("access-control-allow-headers")).toBe("*, authorization");

      const error = await callFunction(stack, name, { method: "DELETE" });
      expectError(error, "method_not_allowed");
      expect(error.headers.get("access-control-allow-origin")).toBe("*");
      expect(error.headers.get("access-control-expose-headers")).toBe("etag, retry-after, x-request-id");
      expect(error.headers.has("access-control-allow-credentials")).toBe(false);
    },
  );
});
