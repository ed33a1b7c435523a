import { readEventsAnswer } from "../../../shared/api/events.ts";
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../shared/errors.ts";
import { derivedKey, signSession } from "../../../supabase/functions/_shared/auth/session.ts";
import { denoPath } from "../../../scripts/deno.mjs";
import { entriesOf } from "../support/documents.ts";
import {
  type FakeOwner,
  type OwnerAnswer,
  ownerBytes,
  ownerJson,
  startFakeOwner,
} from "../../support/fake_owner.ts";
import { MOST_CONNECTIONS } from "../../../gateway/limits.ts";
import { newUser, signedIn } from "../../integration/local/auth_client.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";
import type { GatewayClient } from "../../support/gateway_client.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import {
  type FaultyProject,
  startFaultyProject,
} from "../../integration/functions/support/faulty_project.ts";
import {
  type Answer,
  answerOf,
  callFunction,
  postJson,
  signIn,
  validateWidget,
  type Visitor,
} from "../../integration/functions/support/visitor.ts";
import {
  bootFunction,
  functionEnv,
  type FunctionWorker,
} from "../../integration/functions/support/worker.ts";

/** Long enough for every answer that does come, on a busy machine too. */
const WEBHOOK_TIMEOUT_MS = 1500;

let owner: FakeOwner;
let stack: TestStack;
let project: FaultyProject;
let worker: FunctionWorker;
let visitor: Visitor;

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({
    ownerUrl: owner.url,
    functionsEnv: { HEDDLE_WEBHOOK_TIMEOUT_MS: String(WEBHOOK_TIMEOUT_MS) },
  });
  project = await startFaultyProject(stack.apiUrl);
  worker = await bootFunction(denoPath(), "realtime-publish", {
    ...functionEnv(stack),
    SUPABASE_URL: project.url,
  });
  visitor = await signIn(stack, owner.url);
});

afterAll(async () => {
  await worker.stop();
  await project.stop();
  await stack.stop();
  await owner.stop();
});

const publish = (body: unknown, headers: Record<string, string> = { "x-api-key": stack.agent.apiKey }) =>
  callFunction(stack, "realtime-publish", postJson(body, headers));
const validate = (body: Record<string, unknown>, origin = owner.url) =>
  validateWidget(stack, origin, { agentId: stack.agent.id, ...body });
const tabFetch = (headers: Record<string, string>) =>
  callFunction(stack, `tab-fetch?tabId=${stack.tabs.messaging}`, { headers });
const click = { action: "item_clicked", itemId: "1042" };

async function clickWhile(answer: OwnerAnswer): Promise<Answer> {
  owner.answer(answer);
  return await visitor.tabAction({ ...click, tabId: stack.tabs.messaging });
}

async function expiredSession(): Promise<string> {
  const session = {
    agentId: stack.agent.id,
    endUser: { id: "ada", anonymous: false },
    kind: "identified",
    version: 1,
  } as const;
  const sixteenMinutesAgo = Date.now() - 16 * 60_000;
  return (await signSession(session, derivedKey(stack.secretKey, "session"), sixteenMinutesAgo)).token;
}

/** What makes Heddle answer with each code. */
const PROVOKED: Record<ErrorCode, () => Promise<Answer>> = {
  invalid_json: () => publish('{"endUserId":'),
  invalid_request: () => publish({ endUserId: 7 }),
  missing_api_key: () => publish({ endUserId: "ada" }, {}),
  invalid_api_key: () => publish({ endUserId: "ada" }, { "x-api-key": "hdl_wrong" }),
  missing_session: () => tabFetch({}),
  invalid_session: () => tabFetch({ authorization: "Bearer wrong" }),
  expired_session: async () => tabFetch({ authorization: `Bearer ${await expiredSession()}` }),
  invalid_user_token: () => validate({ userToken: "wrong" }),
  origin_not_allowed: () => validate({ userToken: "wrong" }, "https://elsewhere.example"),
  action_not_enabled: () =>
    visitor.tabAction({ ...click, action: "delete_item", tabId: stack.tabs.messaging }),
  anonymous_not_allowed: withoutAnonymousVisitors,
  agent_not_found: () => validate({ agentId: randomUUID() }),
  tab_not_found: () => visitor.tabAction({ ...click, tabId: randomUUID() }),
  item_not_found: () => clickWhile(ownerJson({}, 404)),
  method_not_allowed: () => callFunction(stack, "realtime-publish"),
  forbidden: () => callFunction(stack, "events", { headers: { "x-api-key": stack.agent.apiKey } }),
  conflict: () => clickWhile(ownerJson({}, 409)),
  cursor_expired: expiredCursor,
  payload_too_large: () => validate({ userToken: "a".repeat(64 * 1024) }),
  unsupported_media_type: () =>
    publish("endUserId=ada", {
      "x-api-key": stack.agent.apiKey,
      "content-type": "application/x-www-form-urlencoded",
    }),
  source_rejected: () => clickWhile(ownerJson({ message: "Please name an order." }, 422)),
  rate_limited: tooManyWrites,
  too_many_connections: tooManyConnections,
  internal: withoutDatabaseFunction,
  source_failed: () => clickWhile(ownerJson({}, 500)),
  source_invalid: () => clickWhile(ownerBytes("<h1>Please sign in</h1>")),
  realtime_unavailable: publishWithoutRealtime,
  unavailable: askWithoutAuth,
  source_timeout: () => clickWhile(() => undefined),
};

async function expiredCursor(): Promise<Answer> {
  const headers = { "x-api-key": stack.eventsKey };
  const { cursor } = readEventsAnswer.parse((await callFunction(stack, "events", { headers })).body);
  await stack.sql`update heddle.event_log set id = gen_random_uuid()`;
  return await callFunction(stack, `events?since=${cursor}`, { headers });
}

async function tooManyWrites(): Promise<Answer> {
  owner.answer(ownerJson({ ok: true }));
  const busy = await signIn(stack, owner.url, { sub: "busy" });
  // What comes back while many are written depends on how fast the machine is.
  await stack.sql`
    insert into heddle.rate_buckets (agent_id, subject, mode, key, full_at)
    values (${stack.agent.id}, 'visitor', 'write', 'busy', now() + interval '10 minutes')`;
  return await busy.tabAction({
    action: "update_item",
    tabId: stack.tabs.messaging,
    itemId: "1",
    changes: { status: "open" },
  });
}

const eventsOf = async (gateway: TestGateway, token: string) =>
  answerOf(await fetch(`${gateway.url}/v1/events`, { headers: { authorization: `Bearer ${token}` } }));

async function tooManyConnections(): Promise<Answer> {
  const gateway = await startTestGateway({
    databaseUrl: stack.dbUrl,
    supabaseUrl: stack.apiUrl,
    publishableKey: stack.publishableKey,
  });
  const { id, email } = await newUser(stack);
  await stack.sql`select heddle_api.invite_member(${stack.agent.id}, ${id}, 'Olga', ${email})`;
  const { data } = await (await signedIn(stack, email)).auth.getSession();
  const token = data.session?.access_token ?? "";
  const open: GatewayClient[] = [];
  while (open.length < MOST_CONNECTIONS.member) open.push(await gateway.connect(token));
  const answer = await eventsOf(gateway, token);
  for (const client of open) client.drop();
  await gateway.stop();
  return answer;
}

async function askWithoutAuth(): Promise<Answer> {
  const gateway = await startTestGateway({ databaseUrl: stack.dbUrl });
  const claims = Buffer.from('{"exp":4000000000}').toString("base64url");
  const answer = await eventsOf(gateway, `e30.${claims}.e30`);
  await gateway.stop();
  return answer;
}

async function withoutAnonymousVisitors(): Promise<Answer> {
  await stack.sql`update heddle.agents set anonymous_allowed = false where id = ${stack.agent.id}`;
  return await validate({});
}

async function withoutDatabaseFunction(): Promise<Answer> {
  await stack.sql`alter function heddle_api.widget_context rename to widget_context_of_old`;
  try {
    return await validate({ userToken: "wrong" });
  } finally {
    await stack.sql`alter function heddle_api.widget_context_of_old rename to widget_context`;
  }
}

async function publishWithoutRealtime(): Promise<Answer> {
  const publishThere = async () =>
    answerOf(await fetch(worker.url, postJson({ endUserId: "ada" }, { "x-api-key": stack.agent.apiKey })));
  await publishThere();
  project.database = "down";
  project.broadcasts({ status: 503 }, { status: 503 }, { status: 503 });
  return await publishThere();
}

describe("docs/error_codes.md", () => {
  const entries = entriesOf("docs/error_codes.md");

  it.each(Object.keys(PROVOKED) as ErrorCode[])("shows Heddle's own answer for %s", async (code) => {
    const entry = entries.get(code) ?? "";
    const [, json = "{}"] = /^```json\n(.*?)\n```$/ms.exec(entry) ?? [];
    const { status, headers, body } = await PROVOKED[code]();
    expect(body).toEqual(JSON.parse(json));
    const [, documented = "", header] = /^Status (\d{3})(?:, with `([\w-]+)`)?/m.exec(entry) ?? [];
    expect(status).toBe(Number(documented));
    expect(header).toBe(["Retry-After", "Allow"].find((name) => headers.has(name)));
  });
});
