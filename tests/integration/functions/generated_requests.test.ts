import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { ERROR_STATUS } from "../../../shared/errors.ts";
import { type FakeOwner, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { makeEventKey } from "../../support/event_readers.ts";
import { createGenerator, type Generator } from "../../support/generator.ts";
import { newUser, signedIn } from "../local/auth_client.ts";
import { REST_SCOPES } from "./support/rest.ts";
import { type Answer, callFunction, signIn, userToken } from "./support/visitor.ts";

/** Ten thousand are asked in tests/robustness. */
const REQUESTS = 120;
const AT_ONCE = 6;
const METHODS = ["POST", "GET", "PUT", "DELETE", "PATCH"];
const TYPES = ["text/plain", "application/json;x", ""];
const IDS = ["7", "a b|🌿", "y".repeat(128), "y".repeat(129), "\u0000", "\ud800", "%2F..%2F", ""];
const INBOUND_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
/** What an owner's failure or Realtime's may cause; everything else above 499 would be a mistake of ours. */
const NAMED_FAILURES = ["source_failed", "source_invalid", "source_timeout", "realtime_unavailable"];

let owner: FakeOwner;
let stack: TestStack;
let sessions: string[];
let tokens: string[];
let restKey: string;
/** An owner of the demo agent. */
let member: { email: string; token: string };

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({
    ownerUrl: owner.url,
    functionsEnv: {
      HEDDLE_INBOUND_DOMAIN: "reply.shop.example",
      HEDDLE_INBOUND_SECRET: INBOUND_SECRET,
      HEDDLE_MAIL_API_KEY: "re_test",
      HEDDLE_MAIL_API_URL: `${owner.url}/emails`,
    },
  });
  restKey = await makeEventKey(stack.sql, { scopes: REST_SCOPES, agentId: stack.agent.id });
  member = await anOwner();
  await stack.sql`update heddle.agents set anonymous_allowed = true where id = ${stack.agent.id}`;
  // Several visitors, so that the rate limit of one does not keep the rest of a request from being looked at.
  const visitors = Array.from(
    { length: 20 },
    (_, index) => signIn(stack, owner.url, { sub: `visitor ${index}` }),
  );
  sessions = (await Promise.all(visitors)).map(({ validated }) => validated.session);
  tokens = [
    await userToken(stack),
    await userToken(stack, { sub: "🌿" }),
    await userToken(stack, { exp: 1 }),
  ];
});

afterAll(async () => {
  await stack.stop();
  await owner.stop();
});

async function anOwner(): Promise<typeof member> {
  const { id, email } = await newUser(stack);
  await stack.sql`select heddle_api.invite_member(${stack.agent.id}, ${id}, 'Olga', ${email}, 'owner')`;
  const { data } = await (await signedIn(stack, email)).auth.getSession();
  return { email, token: data.session?.access_token ?? "" };
}

type Fields = Record<string, unknown>;

/** Requests that are in order, before something happens to them. */
function goodBodies(): Record<string, Fields[]> {
  const { messaging, default: orders } = stack.tabs;
  const clientId = "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11";
  return {
    "validate-widget": [
      ...tokens.map((userToken) => ({ agentId: stack.agent.id, userToken })),
      { agentId: stack.agent.id, visitorToken: "unknown" },
      { agentId: stack.agent.id },
    ],
    "tab-fetch": [{}],
    "tab-action": [
      { action: "item_clicked", tabId: messaging, itemId: "7", cursor: "c", refresh: true },
      { action: "create_item", tabId: messaging, clientId, body: "hello" },
      { action: "update_item", tabId: orders, itemId: "7", changes: { note: "x" } },
      { action: "delete_item", tabId: orders, itemId: "7", entryId: "1" },
      { action: "office", tabId: messaging },
    ],
    "events": [
      { source: "billing", resource: "invoice", event: "paid", resourceId: "7", data: { total: 7 } },
      { source: "a", resource: "b.c", event: "*", resourceId: "ü", actor: "ada" },
    ],
    "api": [
      { visitor: { id: "7", name: "Ada" }, message: { body: "hello", clientId } },
      { visitor: { id: "a b|🌿" }, message: { body: "hello" }, page: { title: "Fern" } },
      { body: "hello", author: { role: "bot", name: "Fern bot" } },
      { name: "Room", participants: [{ role: "visitor", id: "7" }] },
      { status: "resolved" },
    ],
    "deliver": [{}],
    "invite-member": [
      { agentId: stack.agent.id, email: member.email },
      { agentId: stack.agent.id, email: member.email, name: "Olga", role: "owner", everyAgent: true },
      { agentId: stack.agent.id, email: "ada@shop.example", name: "Ada", page: "http://127.0.0.1:5174" },
    ],
    "mail-inbound": [
      { type: "email.received", data: { email_id: "7" } },
      { type: "email.sent", data: {} },
    ],
    "realtime-publish": [
      { endUserId: "1", conversationId: "7" },
      { endUserIds: ["1", "2"] },
      { conversationId: "7", event: { type: "typing", data: { name: "Ines" } } },
      {
        conversationId: "7",
        event: {
          type: "message:new",
          data: { message: { id: "1", text: "a", role: "BOT", createdAt: "2026-01-01T00:00:00Z" } },
        },
      },
    ],
  };
}

function bodyOf(name: string, generator: Generator): unknown {
  const { below, chance, pick, json } = generator;
  if (chance(0.05)) return json(4);
  const body = { ...pick(goodBodies()[name] ?? [{}]) };
  for (let change = below(3); change > 0; change--) {
    const field = pick(["x", ...Object.keys(body)]);
    if (chance(0.2)) delete body[field];
    else body[field] = chance(0.5) ? pick(IDS) : json(3);
  }
  return body;
}

function textOf(name: string, generator: Generator): string {
  const text = JSON.stringify(bodyOf(name, generator)) ?? "";
  if (generator.chance(0.05)) return text.slice(0, generator.below(text.length + 1));
  if (generator.chance(0.02)) return "[".repeat(20_000) + "]".repeat(20_000);
  if (generator.chance(0.02)) return JSON.stringify("x".repeat(70_000));
  return text;
}

/** Behind the function's name. */
function pathOf(name: string, { pick }: Generator): string {
  if (name !== "api") return "";
  const id = pick(["7", "%00", "%ff", "a0000000-0000-4000-8000-00000000dead", "🌿", ".."]);
  return pick([
    ...["/conversations", "/rooms", "/visitors", "/notifications", "", "/x", "//"],
    ...["/conversations/ID/messages", "/conversations/ID", "/visitors/ID/export", "/rooms/ID/participants"],
  ]).replace("ID", id);
}

function queryOf(name: string, { chance, pick }: Generator): string {
  if (name === "api") {
    const agentId = chance(0.8) ? stack.agent.id : pick(["x", "", "%00"]);
    return `agentId=${agentId}${pick(["", "", "&limit=1", "&limit=x", "&cursor=x", "&userId=7", "&x=%ff"])}`;
  }
  if (name === "events") {
    return pick([
      "",
      "wait=0",
      "limit=1",
      "wait=x",
      "channel=room:7",
      "channel=room:b0000000-0000-4000-8000-000000000009",
      "channel=🌿",
      "topic=%",
      "since=%00",
      "since=x",
    ]);
  }
  const odd = [stack.agent.id, "", "7", "%00", "%ff", "%", "a&tabId=b", "🌿", "x".repeat(2_000)];
  const tabId = chance(0.7) ? pick(Object.values(stack.tabs)) : pick(odd);
  return chance(0.5) ? `tabId=${tabId}` : `tabId=${tabId}&cursor=${pick(odd)}&x=1`;
}

function request(name: string, generator: Generator): { target: string; init: RequestInit } {
  const { chance, pick } = generator;
  const reads = ["events", "api"].includes(name) && chance(0.5);
  const usual = name === "tab-fetch" || reads ? "GET" : "POST";
  const apiKey = { events: stack.eventsKey, api: restKey }[name] ?? stack.agent.apiKey;
  const method = chance(0.9) ? usual : pick(METHODS);
  const headers: Record<string, string> = {
    "content-type": chance(0.95) ? "application/json" : pick(TYPES),
    "authorization": chance(0.9) ? `Bearer ${bearerFor(name, generator)}` : pick(["", "Bearer", "x y"]),
    "x-api-key": chance(0.9) ? apiKey : pick(["", "hdl_x", "x".repeat(300)]),
    "origin": chance(0.9) ? owner.url : pick(["null", "https://evil.example", "x"]),
    "if-none-match": pick(["", '"x"', "W/", "*"]),
    "x-request-id": pick(["", "req_12345678", "x".repeat(500)]),
  };
  const body = method === "GET" ? undefined : textOf(name, generator);
  if (name === "mail-inbound" && chance(0.8)) Object.assign(headers, signatureOf(body ?? "", generator));
  return {
    target: `${name}${pathOf(name, generator)}?${queryOf(name, generator)}`,
    init: { method, headers, body },
  };
}

function bearerFor(name: string, { chance, pick }: Generator): string {
  const usual = { "deliver": stack.secretKey, "invite-member": member.token }[name];
  return usual !== undefined && chance(0.7) ? usual : pick(sessions);
}

/** As the provider of inbound mail signs, mostly. */
function signatureOf(body: string, { chance, pick }: Generator): Record<string, string> {
  const at = new Date(Date.now() - pick([0, 0, 0, 0, 600_000]));
  return {
    ...(chance(0.3) ? { "content-type": "message/rfc822" } : {}),
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(INBOUND_SECRET).sign("msg_1", at, body),
  };
}

/** The owner answers all sorts of things as well. */
function surprise({ chance, json, pick }: Generator): void {
  const good = [{ item: { id: "7" }, messages: [{ id: 1, body: "x" }] }, { items: [{ id: 7 }] }];
  owner.answer((_, response) => {
    const status = chance(0.8) ? 200 : pick([201, 204, 302, 404, 409, 422, 500]);
    const body = chance(0.6) ? pick(good) : json(4);
    response.writeHead(status).end(status === 204 ? undefined : JSON.stringify(body));
  });
}

async function callMany(name: string, seed: number): Promise<Answer[]> {
  const generator = createGenerator(seed);
  surprise(createGenerator(seed + 1));
  const answers: Answer[] = [];
  while (answers.length < REQUESTS) {
    const batch = Array.from({ length: AT_ONCE }, () => request(name, generator))
      .map(({ target, init }) => callFunction(stack, target, init));
    answers.push(...await Promise.all(batch));
  }
  return answers;
}

/** In how many ways at least they are to fail, success among them. */
const FUNCTIONS: [string, number, number][] = [
  ["validate-widget", 1, 5],
  ["tab-fetch", 2, 5],
  ["tab-action", 3, 5],
  ["realtime-publish", 4, 5],
  ["events", 5, 5],
  ["api", 6, 5],
  ["deliver", 7, 4],
  ["mail-inbound", 8, 5],
  ["invite-member", 9, 5],
];

describe("generated requests", () => {
  it.each(FUNCTIONS)("to %s give only what the contract names", async (name, seed, ways) => {
    const answers = await callMany(name, seed);
    for (const { status, headers, body } of answers) {
      expect(headers.get("x-request-id")).toBeTruthy();
      if (status < 400) continue;
      const code = body.error?.code;
      expect(code && ERROR_STATUS[code], JSON.stringify(body)).toBe(status);
      if (status >= 500) expect(NAMED_FAILURES, JSON.stringify(body)).toContain(code);
    }
    // The generator is worth something only if some requests get through, and others fail in many ways.
    expect(answers.filter(({ status }) => status < 400).length).toBeGreaterThan(REQUESTS / 30);
    expect(new Set(answers.map(({ body }) => body.error?.code)).size).toBeGreaterThanOrEqual(ways);
  });
});
