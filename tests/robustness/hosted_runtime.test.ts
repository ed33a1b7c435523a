import path from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeOwner, ownerJson, startFakeOwner } from "../support/fake_owner.ts";
import { startIdentityProvider } from "../support/identity_provider.ts";
import { makeEventKey } from "../support/event_readers.ts";
import { REST_SCOPES } from "../integration/functions/support/rest.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { mailTo, newAddress, newUser, signedIn } from "../integration/local/auth_client.ts";
import { postJson, signIn, userToken, type Visitor } from "../integration/functions/support/visitor.ts";
import { bootFunction, functionEnv } from "../integration/functions/support/worker.ts";

/** The Deno that hosted Supabase runs functions with. */
const HOSTED_DENO = path.resolve(import.meta.dirname, "../../node_modules/deno-hosted/deno");

let owner: FakeOwner;
let stack: TestStack;
let visitor: Visitor;

beforeAll(async () => {
  owner = await startFakeOwner();
  owner.answer(ownerJson({ item: { id: "7" }, messages: [] }));
  stack = await startStack({ ownerUrl: owner.url, storeTab: true });
  visitor = await signIn(stack, owner.url);
});

afterAll(async () => {
  await stack.stop();
  await owner.stop();
});

async function call(
  name: string,
  query: string,
  init: RequestInit,
): Promise<{ status: number; body: unknown }> {
  const worker = await bootFunction(HOSTED_DENO, name, functionEnv(stack));
  try {
    const response = await fetch(worker.url + query, init);
    return { status: response.status, body: await response.json() };
  } finally {
    await worker.stop();
  }
}

describe("under the Deno that hosted Supabase runs", () => {
  const authorization = () => `Bearer ${visitor.validated.session}`;

  it("validate-widget opens a session", async () => {
    const request = postJson({ agentId: stack.agent.id, userToken: await userToken(stack) }, {
      origin: owner.url,
    });
    expect(await call("validate-widget", "", request)).toMatchObject({
      status: 200,
      body: { endUser: { id: "shopper-7" } },
    });
  });

  it.each(["RS256", "ES256", "EdDSA"] as const)(
    "validate-widget verifies an identity provider's %s",
    async (alg) => {
      const provider = await startIdentityProvider();
      const identity = (value: object) =>
        stack.sql`update heddle.agents set identity = ${
          stack.sql.json(value as never)
        } where id = ${stack.agent.id}`;
      await identity(provider.identity());
      const request = postJson({ agentId: stack.agent.id, userToken: await provider.token(alg) }, {
        origin: owner.url,
      });
      const answer = await call("validate-widget", "", request);
      await identity({ provider: "hs256" });
      await provider.stop();
      expect(answer).toMatchObject({ status: 200, body: { endUser: { id: "shopper-7" } } });
    },
  );

  it("validate-widget lets an anonymous visitor in", async () => {
    await stack.sql`update heddle.agents set anonymous_allowed = true where id = ${stack.agent.id}`;
    const request = postJson({ agentId: stack.agent.id }, { origin: owner.url });
    expect(await call("validate-widget", "", request)).toMatchObject({
      status: 200,
      body: { endUser: { anonymous: true }, visitorToken: expect.any(String) },
    });
  });

  it("tab-fetch reads a list", async () => {
    owner.answer(ownerJson([{ id: 7 }]));
    const headers = { authorization: authorization() };
    expect(await call("tab-fetch", `?tabId=${stack.tabs.messaging}`, { headers })).toMatchObject({
      status: 200,
      body: { items: [{ id: "7" }], listChannel: expect.any(String) },
    });
  });

  it("tab-action reads a thread", async () => {
    owner.answer(ownerJson({ item: { id: "7" }, messages: [] }));
    const click = { action: "item_clicked", tabId: stack.tabs.messaging, itemId: "7" };
    expect(await call("tab-action", "", postJson(click, { authorization: authorization() }))).toMatchObject({
      status: 200,
      body: { item: { id: "7" }, conversationChannel: expect.any(String) },
    });
  });

  it("tab-answer relays what a bot streams", async () => {
    owner.answer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end('data: {"delta":"A royal "}\n\ndata: {"delta":"fern."}\n\n');
    });
    await stack.sql`select heddle_api.create_bot(${stack.agent.id}, 'Fern bot', ${owner.url})`;
    const [row] = await stack.sql`
      select heddle_api.store_post(${stack.agent.id}, 'shopper-7', null, gen_random_uuid(), 'Which fern?') as answer`;
    const worker = await bootFunction(HOSTED_DENO, "tab-answer", functionEnv(stack));
    try {
      const request = { tabId: stack.tabs.store, itemId: row?.answer.conversationId };
      const response = await fetch(worker.url, postJson(request, { authorization: authorization() }));
      const events = await response.text();
      expect(events.split("\n").filter((line) => line.startsWith("event: message:")))
        .toEqual(["event: message:new", "event: message:updated"]);
      expect(events).toContain('"text":"A royal fern."');
    } finally {
      await worker.stop();
    }
  });

  it("tab-fetch looks a webhook's name up, and gives up on it in time", async () => {
    await stack.sql`
      update heddle.tab_actions set url = 'https://shop.invalid/hook'
      where tab_id = ${stack.tabs.default} and action = 'get_items'`;
    const headers = { authorization: authorization() };
    const { body } = await call("tab-fetch", `?tabId=${stack.tabs.default}`, { headers });
    expect(JSON.stringify(body)).toMatch(/"code":"source_(?:failed|timeout)"/);
  });

  it("realtime-publish publishes", async () => {
    const request = postJson({ conversationId: "7" }, { "x-api-key": stack.agent.apiKey });
    expect(await call("realtime-publish", "", request)).toMatchObject({ status: 200, body: { ok: true } });
  });

  it("events writes and reads", async () => {
    const headers = { "x-api-key": stack.eventsKey };
    const now = await call("events", "", { headers });
    const { cursor } = now.body as { cursor: string };
    const event = { source: "billing", resource: "invoice", event: "paid", resourceId: "7" };
    expect(await call("events", "", postJson(event, headers))).toMatchObject({ status: 200 });
    expect(await call("events", `?since=${cursor}`, { headers })).toMatchObject({
      status: 200,
      body: { events: [{ type: "invoice.paid" }] },
    });
  });

  it("deliver sends what is due", async () => {
    owner.answer(ownerJson({}));
    const [agent] = await stack.sql`select org_id from heddle.agents where id = ${stack.agent.id}`;
    const [webhook] = await stack.sql`
      insert into heddle.webhooks (org_id, url) values (${agent?.org_id}, ${`${owner.url}/in`}) returning id`;
    // The stack's own timer is to leave it alone.
    await stack.sql`
      insert into heddle.deliveries (org_id, kind, target, content, due)
      values (${agent?.org_id}, 'webhook', ${webhook?.id}, ${
      stack.sql.json({ id: "e", type: "x" })
    }, now() + interval '1 day')`;
    const worker = await bootFunction(HOSTED_DENO, "deliver", functionEnv(stack));
    try {
      await expect.poll(async () => {
        await stack
          .sql`update heddle.deliveries set status = 'queued', ended_at = null, attempts = 0, lease = null,
          leased_until = null, due = now() where target = ${webhook?.id} and status = 'queued'`;
        const response = await fetch(
          worker.url,
          postJson({}, { authorization: `Bearer ${stack.secretKey}` }),
        );
        await response.body?.cancel();
        return [
          response.status,
          ...(await stack.sql`select status from heddle.deliveries where target = ${webhook?.id}`)
            .map(({ status }) => status),
        ];
      }, { timeout: 20_000 }).toEqual([200, "sent"]);
    } finally {
      await worker.stop();
      await stack.sql`delete from heddle.webhooks`;
    }
  });

  it("api begins a conversation and reads it", async () => {
    const key = await makeEventKey(stack.sql, { scopes: REST_SCOPES, agentId: stack.agent.id });
    const headers = { "x-api-key": key };
    const begun = await call(
      "api",
      "/conversations",
      postJson({ visitor: { id: "rest" }, message: { body: "Hello" } }, headers),
    );
    expect(begun).toMatchObject({ status: 201, body: { conversation: { id: expect.any(String) } } });
    const { conversation: { id } } = begun.body as { conversation: { id: string } };
    expect(await call("api", `/conversations/${id}/messages`, { headers })).toMatchObject({
      status: 200,
      body: { items: [{ body: "Hello" }] },
    });
  });

  it("invite-member mails a link, and makes a member", async () => {
    const user = await newUser(stack);
    await stack.sql`
      select heddle_api.invite_member(${stack.agent.id}, ${user.id}, 'Olga', ${user.email}, 'owner')`;
    const { data } = await (await signedIn(stack, user.email)).auth.getSession();
    const email = newAddress();
    const request = postJson(
      { agentId: stack.agent.id, email, name: "Ada" },
      { authorization: `Bearer ${data.session?.access_token}` },
    );
    expect(await call("invite-member", "", request)).toMatchObject({
      status: 200,
      body: { name: "Ada", role: "operator", invited: true },
    });
    expect((await mailTo(stack, email)).link).not.toBe("");
  });

  it("mail-inbound reads a mail, and mail-unsubscribe refuses what is no token", async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const body = "From: Ada <ada@home.example>\r\nTo: chat@reply.shop.example\r\n\r\nHello\r\n";
    const env = {
      ...functionEnv(stack),
      HEDDLE_INBOUND_DOMAIN: "reply.shop.example",
      HEDDLE_INBOUND_SECRET: secret,
    };
    const worker = await bootFunction(HOSTED_DENO, "mail-inbound", env);
    try {
      const at = new Date();
      const response = await fetch(worker.url, {
        method: "POST",
        body,
        headers: {
          "content-type": "message/rfc822",
          "webhook-id": "msg_1",
          "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
          "webhook-signature": new Webhook(secret).sign("msg_1", at, body),
        },
      });
      expect([response.status, await response.json()]).toEqual([200, {
        outcome: "ignored",
        reason: "no-address",
      }]);
    } finally {
      await worker.stop();
    }
    expect(await call("mail-unsubscribe", "?token=x", { method: "POST" })).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_request" } },
    });
  });
});
