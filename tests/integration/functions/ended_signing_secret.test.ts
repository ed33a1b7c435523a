import { createHash, createHmac, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { denoPath } from "../../../scripts/deno.mjs";
import { type FakeOwner, ownerJson, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { expectError } from "./support/errors.ts";
import { type FaultyProject, startFaultyProject } from "./support/faulty_project.ts";
import { answerOf, callFunction, postJson, validateWidget } from "./support/visitor.ts";
import { bootFunction, functionEnv, type FunctionWorker } from "./support/worker.ts";

const VICTIM = "shopper-7";

let owner: FakeOwner;
let stack: TestStack;
let project: FaultyProject;
let publisher: FunctionWorker;
beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({ ownerUrl: owner.url });
  project = await startFaultyProject(stack.apiUrl);
  publisher = await bootFunction(denoPath(), "realtime-publish", {
    ...functionEnv(stack),
    SUPABASE_URL: project.url,
  });
});
afterAll(async () => {
  await publisher.stop();
  await project.stop();
  await stack.stop();
  await owner.stop();
});
beforeEach(() =>
  stack.sql`
    update heddle.agent_secrets set
      signing_current = ${stack.agent.signingSecret}, signing_previous = null, signing_previous_until = null,
      signing_hand_out_current_at = now(), signing_former = '{}', signing_former_until = '{}'
    where agent_id = ${stack.agent.id}`
);

/** As `heddle agent rotate-secret <agent-id> signing` does it, with or without `--now`. */
async function rotate(grace: "24 hours" | "0 seconds"): Promise<string> {
  const [row] = await stack.sql`
    select heddle_api.rotate_signing_secret(${stack.agent.id}, ${grace}::interval) ->> 'secret' as secret`;
  return row?.secret;
}

/** The thirty seconds without names pass. */
const handOut = () =>
  stack
    .sql`update heddle.agent_secrets set signing_hand_out_current_at = now() where agent_id = ${stack.agent.id}`;

async function validateWith(secret: string) {
  const userToken = await new SignJWT({ sub: VICTIM, exp: Math.floor(Date.now() / 1000) + 3600 })
    .setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));
  return await validateWidget(stack, owner.url, { agentId: stack.agent.id, userToken });
}

async function sessionWith(secret: string): Promise<string> {
  return (await validateWith(secret)).body.session ?? "";
}

function list(session: string) {
  owner.answer(ownerJson([{ id: "7" }]));
  return callFunction(stack, `tab-fetch?tabId=${stack.tabs.messaging}`, {
    headers: { authorization: `Bearer ${session}` },
  });
}

function act(session: string, action: Record<string, unknown>) {
  owner.answer(ownerJson({ item: { id: "7" }, messages: [] }));
  const body = { tabId: stack.tabs.messaging, ...action };
  return callFunction(stack, "tab-action", postJson(body, { authorization: `Bearer ${session}` }));
}

const open = (session: string) => act(session, { action: "item_clicked", itemId: "7" });
const write = (session: string) =>
  act(session, { action: "create_item", itemId: "7", clientId: randomUUID(), body: "hello" });

const signed = (base: string, secret: string) =>
  `${base}-${createHmac("sha256", secret).update(base).digest("hex")}`;
const namesUnder = (secret: string) => [
  signed(`agent-${stack.agent.id}-user-${VICTIM}`, secret),
  signed("conv-7", secret),
];

/** With a key of its own, since an isolate remembers a key's secrets for 30 seconds. */
async function publish() {
  const key = `hdl_${randomUUID()}`;
  const hash = createHash("sha256").update(key).digest("hex");
  await stack.sql`
    insert into heddle.api_keys (agent_id, name, key_hash) values (${stack.agent.id}, 'test', ${hash})`;
  project.broadcasts();
  const body = { endUserId: VICTIM, conversationId: "7" };
  return await answerOf(await fetch(publisher.url, postJson(body, { "x-api-key": key })));
}

describe("after a leaked signing secret was ended at once", () => {
  it("a session that was forged with it is refused in the next call", async () => {
    const forged = await sessionWith(stack.agent.signingSecret);
    expect((await list(forged)).status).toBe(200);

    await rotate("0 seconds");

    expectError(await list(forged), "invalid_session");
    expectError(await open(forged), "invalid_session");
    expectError(await write(forged), "invalid_session");
    await handOut();
    expectError(await list(forged), "invalid_session");
  });

  it("a session that was forged with it can't use up what its visitor may write", async () => {
    const forged = await sessionWith(stack.agent.signingSecret);
    const session = await sessionWith(await rotate("0 seconds"));
    for (let count = 0; count < 45; count++) expectError(await write(forged), "invalid_session");
    expect((await write(session)).status).toBe(200);
  });

  it("it opens no new session, and neither does the secret before it", async () => {
    const second = await rotate("24 hours");
    expect((await validateWith(stack.agent.signingSecret)).status).toBe(200);
    await rotate("0 seconds");
    expectError(await validateWith(stack.agent.signingSecret), "invalid_user_token");
    expectError(await validateWith(second), "invalid_user_token");
  });

  it("visitors whom the new one identifies work on without a channel for 30 seconds, and have the new ones then", async () => {
    const secret = await rotate("0 seconds");
    const session = await sessionWith(secret);

    const early = [await list(session), await open(session), await write(session)];
    expect(early.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(early[0]?.body.items).toHaveLength(1);
    for (const { text } of early) expect(text).not.toMatch(/Channel|conv-7-|-user-/);

    await handOut();
    const [listChannel, conversationChannel] = namesUnder(secret);
    expect((await list(session)).body.listChannel).toBe(listChannel);
    expect((await open(session)).body.conversationChannel).toBe(conversationChannel);
    expect((await write(session)).body.conversationChannel).toBe(conversationChannel);
  });

  it("a list that was fetched without a channel is not taken for the same once there is one", async () => {
    const session = await sessionWith(await rotate("0 seconds"));
    const etag = (await list(session)).headers.get("etag") ?? "";
    await handOut();
    const again = await callFunction(stack, `tab-fetch?tabId=${stack.tabs.messaging}`, {
      headers: { authorization: `Bearer ${session}`, "if-none-match": etag },
    });
    expect(again.status).toBe(200);
    expect(again.body.listChannel).toMatch(/-[0-9a-f]{64}$/);
  });

  it("publishes reach the pages that have not noticed for 15 minutes, and answer the new names only", async () => {
    const secret = await rotate("0 seconds");
    const { status, body } = await publish();
    expect({ status, body }).toEqual({ status: 200, body: { ok: true, channels: namesUnder(secret) } });
    expect([...project.topics].sort())
      .toEqual([...namesUnder(secret), ...namesUnder(stack.agent.signingSecret)].sort());

    await stack.sql`update heddle.agent_secrets set signing_former_until = array[now()]`;
    await publish();
    expect([...project.topics].sort()).toEqual(namesUnder(secret).sort());
  });

  it("publishes also reach listeners on the names of a rotation in progress", async () => {
    const second = await rotate("24 hours");
    const third = await rotate("0 seconds");
    expect((await publish()).body.channels).toEqual(namesUnder(third));
    expect([...project.topics].sort())
      .toEqual([third, second, stack.agent.signingSecret].flatMap(namesUnder).sort());
  });
});
