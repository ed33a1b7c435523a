import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FakeOwner, ownerJson, startFakeOwner } from "../../support/fake_owner.ts";
import {
  type IdentityProvider,
  newProviderKeys,
  startIdentityProvider,
} from "../../support/identity_provider.ts";
import { snippets } from "../../docs/support/documents.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { expectError } from "./support/errors.ts";
import { callFunction, userToken, validateWidget } from "./support/visitor.ts";

const keys = newProviderKeys();
let owner: FakeOwner;
let stack: TestStack;
let provider: IdentityProvider;

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({ ownerUrl: owner.url });
});
beforeEach(async () => {
  // A new one each time: the functions remember keys by their URL.
  provider = await startIdentityProvider(keys);
  await configure(provider.identity());
  return () => provider.stop();
});
afterAll(async () => {
  await stack.stop();
  await owner.stop();
});

const configure = (identity: Record<string, unknown>) =>
  stack.sql`update heddle.agents set identity = ${
    stack.sql.json(identity as never)
  } where id = ${stack.agent.id}`;

const validate = (token: string) =>
  validateWidget(stack, owner.url, { agentId: stack.agent.id, userToken: token });

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe("an agent with an identity provider", () => {
  it.each(["RS256", "ES256", "EdDSA"] as const)("lets the visitor of a %s token in", async (alg) => {
    const { status, body } = await validate(
      await provider.token(alg, { name: "Ann", email: "ann@shop.example" }),
    );
    expect(status).toBe(200);
    expect(body.endUser).toEqual({
      id: "shopper-7",
      name: "Ann",
      email: "ann@shop.example",
      anonymous: false,
    });
    expect(JSON.stringify(body)).not.toContain(provider.issuer);
  });

  it("names that visitor to webhooks", async () => {
    owner.answer(ownerJson([]));
    const { body } = await validate(await provider.token("ES256", { email: "ann@shop.example" }));
    const headers = { authorization: `Bearer ${body.session}` };
    await callFunction(stack, `tab-fetch?tabId=${stack.tabs.messaging}`, { headers });
    expect(owner.requests.at(-1)?.query.get("endUserEmail")).toBe("ann@shop.example");
  });

  it("asks for the provider's keys once", async () => {
    await validate(await provider.token("RS256"));
    await validate(await provider.token("ES256"));
    expect(provider.requests).toBe(1);
  });

  it.each<[string, () => Promise<string>]>([
    [
      "HS256 with the provider's public key (alg confusion)",
      async () =>
        new SignJWT({ sub: "1", iss: provider.issuer, aud: provider.audience, exp: inSeconds(600) })
          .setProtectedHeader({ alg: "HS256", kid: "RS256" })
          .sign(new TextEncoder().encode(await provider.publicKeyPem("RS256"))),
    ],
    [
      "the agent's own signing secret",
      () => userToken(stack, { iss: provider.issuer, aud: provider.audience }),
    ],
    ["another audience", () => provider.token("RS256", { aud: "another customer" })],
    ["another issuer", () => provider.token("RS256", { iss: "https://evil.example/" })],
    ["an unknown key id", () => provider.token("RS256", {}, { kid: "mine" })],
    ["an anonymous sub", () => provider.token("RS256", { sub: "anon_1" })],
  ])("refuses %s", async (_, token) => {
    expectError(await validate(await token()), "invalid_user_token");
  });

  it("refuses an algorithm that is not among its own", async () => {
    await configure(provider.identity({ algs: ["ES256"] }));
    expectError(await validate(await provider.token("RS256")), "invalid_user_token");
    expect((await validate(await provider.token("ES256"))).status).toBe(200);
  });

  it("answers source_failed, not invalid_user_token, while the provider's keys can't be fetched", async () => {
    provider.answer((response) => response.writeHead(500).end());
    expectError(await validate(await provider.token("RS256")), "source_failed");
  });

  it("follows no redirect to other keys", async () => {
    const other = await startIdentityProvider();
    provider.answer((response) => response.writeHead(302, { location: other.jwksUrl }).end());
    expectError(await validate(await provider.token("RS256")), "source_failed");
    expect(other.requests).toBe(0);
    await other.stop();
  });

  it("asks no private address that the deployment does not allow", async () => {
    await configure(provider.identity({ jwksUrl: "https://169.254.169.254/jwks.json" }));
    expectError(await validate(await provider.token("RS256")), "source_failed");
    expect(stack.logs()).toContain("The JWKS's host must have public addresses only");
  });

  it("takes the tokens of another agent's provider for nothing", async () => {
    const other = await startIdentityProvider();
    const token = await other.token("RS256", { iss: provider.issuer, aud: provider.audience });
    expectError(await validate(token), "invalid_user_token");
    await other.stop();
  });
});

describe("an agent's identity", () => {
  it.each<[string, Record<string, unknown>]>([
    ["without an issuer", { issuer: undefined }],
    ["without a URL of keys", { jwksUrl: undefined }],
    ["without an audience", { audience: undefined }],
    ["without algorithms", { algs: undefined }],
    ["with no algorithm", { algs: [] }],
    ["with a shared-secret algorithm", { algs: ["RS256", "HS256"] }],
    ["with alg none", { algs: ["none"] }],
    ["with an algorithm that is no list", { algs: "RS256" }],
    ["with an empty issuer", { issuer: "" }],
    ["with an empty audience", { audience: "" }],
    ["with an audience that is null", { audience: null }],
    ["with several audiences", { audience: ["a", "b"] }],
    ["with keys in a file", { jwksUrl: "file:///etc/passwd" }],
    ["with a setting that nothing reads", { leeway: 600 }],
    ["with two providers in one", { provider: "hs256" }],
    ["with an unknown provider", { provider: "saml" }],
    ["without a provider", { provider: undefined }],
  ])("%s can't be stored", async (_, overrides) => {
    await expect(configure(provider.identity(overrides))).rejects.toMatchObject({ code: "23514" });
  });

  it("is set as docs/embed.md says", async () => {
    const [statement = ""] = snippets("docs/embed.md", "sql").filter((sql) => sql.includes("jwks"));
    await stack.sql`update heddle.agents set name = 'My shop' where id = ${stack.agent.id}`;
    await stack.sql.unsafe(statement);
    const [agent] = await stack
      .sql`select identity ->> 'provider' as provider from heddle.agents where name = 'My shop'`;
    expect(agent?.provider).toBe("jwks");
  });
});
