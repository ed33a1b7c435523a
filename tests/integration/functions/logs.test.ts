import { beforeAll, describe, expect, it, vi } from "vitest";
import { type FakeOwner, ownerJson, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { callFunction, postJson, signIn, userToken, validateWidget } from "./support/visitor.ts";

const REQUEST_ID = "req_of_the_log_test";
const BACKGROUND_ID = "req_with_work_behind_it";

let owner: FakeOwner;
let stack: TestStack;
let secrets: (string | undefined)[];

/** Uses every function, well and badly, with everything that is secret in play. */
beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({ ownerUrl: owner.url });
  await stack.sql`
    update heddle.tab_actions set url = ${`${owner.url}/webhook/secret-path?token=secret-query`}
    where agent_id = ${stack.agent.id}`;

  const token = await userToken(stack, { email: "ann@shop.example" });
  const visitor = await signIn(stack, owner.url, { email: "ann@shop.example" });
  owner.answer(ownerJson({ item: { id: "7" }, messages: [] }));
  const thread = await visitor.tabAction({
    action: "item_clicked",
    tabId: stack.tabs.messaging,
    itemId: "7",
  });
  owner.answer(ownerJson([]));
  const list = await visitor.tabFetch(`tabId=${stack.tabs.messaging}`, { "x-request-id": REQUEST_ID });
  owner.answer((_, response) => response.destroy());
  await visitor.tabFetch(`tabId=${stack.tabs.messaging}`);
  await stack.sql`
    update heddle.tab_actions set url = 'https://secret-host.invalid/secret-path'
    where tab_id = ${stack.tabs.default}`;
  await visitor.tabFetch(`tabId=${stack.tabs.default}`);
  // What is done after the answer fails on its own.
  await stack.sql`alter function heddle_api.record_issue rename to record_issue_of_old`;
  await visitor.tabFetch(`tabId=${stack.tabs.default}`, { "x-request-id": BACKGROUND_ID });
  await vi.waitFor(() => expect(stack.logs()).toContain("record_issue failed"), { timeout: 20_000 });
  await validateWidget(stack, owner.url, { agentId: stack.agent.id, userToken: `${token}x` });
  const published = await callFunction(
    stack,
    "realtime-publish",
    postJson({ endUserId: "shopper-7", conversationId: "7" }, { "x-api-key": stack.agent.apiKey }),
  );
  await callFunction(stack, "realtime-publish", postJson({}, { "x-api-key": "hdl_an_unknown_secret_key" }));
  // The database goes away under a function's feet: what it did not expect is logged as well.
  await stack.sql`alter function heddle_api.publish_context(text, text) rename to publish_context_of_old`;
  await callFunction(stack, "realtime-publish", postJson({}, { "x-api-key": "hdl_another_unknown_key" }));

  const { apiKey, signingSecret, webhookSecret } = stack.agent;
  secrets = [
    ...[apiKey, signingSecret, webhookSecret, stack.secretKey, stack.publishableKey, "connector-token"],
    ...[token, visitor.validated.session, "hdl_an_unknown_secret_key"],
    ...["hdl_another_unknown_key", "ann@shop.example"],
    ...["secret-path", "secret-query", list.body.listChannel, thread.body.conversationChannel],
    ...(published.body.channels ?? []),
  ];
  // Every line has come through its pipe once the processes have ended.
  await stack.stop();
  await owner.stop();
});

/** The functions' own lines, as the stack passes them on. */
function lines(): Record<string, unknown>[] {
  return stack.logs().split("\n").flatMap((line) => {
    const text: unknown = line.startsWith("{") ? JSON.parse(line).log : undefined;
    return typeof text === "string" && text.startsWith("{") ? [JSON.parse(text)] : [];
  });
}

function requestLines(): Record<string, unknown>[] {
  return lines().filter(({ fn }) => fn !== undefined);
}

describe("the functions' logs", () => {
  it("hold one line for each request", () => {
    const of = (name: string) => requestLines().filter(({ fn }) => fn === name).map(({ status }) => status);
    expect(of("validate-widget")).toEqual([200, 401]);
    expect(of("tab-action")).toEqual([200]);
    expect(of("tab-fetch")).toEqual([
      200,
      502,
      expect.toSatisfy((status) => status === 502 || status === 504),
      expect.toSatisfy((status) => status === 502 || status === 504),
    ]);
    expect(of("realtime-publish")).toEqual([200, 401, 500]);
  });

  it("say who, what and how long, under the caller's request id", () => {
    expect(lines().find(({ requestId }) => requestId === REQUEST_ID)).toEqual({
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      requestId: REQUEST_ID,
      fn: "tab-fetch",
      agentId: stack.agent.id,
      sourceMs: expect.any(Number),
      status: 200,
      ms: expect.any(Number),
    });
    expect(lines().find(({ realtimeMs }) => realtimeMs !== undefined)).toMatchObject({
      channels: [`agent-${stack.agent.id}-user-shopper-7-…`, "conv-7-…"],
      route: "rest",
    });
  });

  it("say what was not expected", () => {
    expect(lines().find(({ status }) => status === 500)).toMatchObject({
      code: "internal",
      error: expect.stringContaining("publish_context"),
    });
  });

  it("say what failed after an answer, under the same request id", () => {
    const [, behind] = lines().filter(({ requestId }) => requestId === BACKGROUND_ID);
    expect(behind).toEqual({
      at: expect.any(String),
      requestId: BACKGROUND_ID,
      task: "record_issue",
      error: expect.stringContaining("record_issue failed"),
    });
  });

  it("hold no secret, no token, no address and no channel", () => {
    const text = stack.logs().split("\n").filter((line) => !line.includes('{"ready":')).join("\n");
    expect(secrets).not.toContain(undefined);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});
