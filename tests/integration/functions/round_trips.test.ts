import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denoPath } from "../../../scripts/deno.mjs";
import { type FakeOwner, ownerJson, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { type FaultyProject, startFaultyProject } from "./support/faulty_project.ts";
import { postJson, signIn, userToken, validateWidget, type Visitor } from "./support/visitor.ts";
import { bootFunction, functionEnv, type FunctionWorker } from "./support/worker.ts";

let owner: FakeOwner;
let stack: TestStack;
let project: FaultyProject;
let visitor: Visitor;
const workers = new Map<string, FunctionWorker>();

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({ ownerUrl: owner.url, storeTab: true });
  project = await startFaultyProject(stack.apiUrl);
  visitor = await signIn(stack, owner.url);
  const env = { ...functionEnv(stack), SUPABASE_URL: project.url };
  for (const name of ["validate-widget", "tab-fetch", "tab-action", "realtime-publish"]) {
    workers.set(name, await bootFunction(denoPath(), name, env));
  }
});

afterAll(async () => {
  for (const worker of workers.values()) await worker.stop();
  await project.stop();
  await stack.stop();
  await owner.stop();
});

/** Looked for half a second after a write, for whoever wrote meanwhile. */
const LATER = "/rest/v1/rpc/deliveries_due";

/** Calls a function and answers what it asked of its project meanwhile, broadcasts and what is done later aside. */
async function callsOf(name: string, query: string, init: RequestInit, expected = 200): Promise<string[]> {
  project.calls.length = 0;
  const { status } = await fetch(workers.get(name)?.url + query, init);
  expect(status).toBe(expected);
  return project.calls.filter((path) => path !== LATER);
}

const authorization = () => `Bearer ${visitor.validated.session}`;

describe("round trips to the database", () => {
  it("are one for a validation", async () => {
    const request = postJson({ agentId: stack.agent.id, userToken: await userToken(stack) }, {
      origin: owner.url,
    });
    expect(await callsOf("validate-widget", "", request)).toEqual(["/rest/v1/rpc/widget_context"]);
  });

  it("are one for an anonymous visitor, new or known", async () => {
    await stack.sql`update heddle.agents set anonymous_allowed = true where id = ${stack.agent.id}`;
    const request = (visitorToken?: string) =>
      postJson({ agentId: stack.agent.id, visitorToken }, { origin: owner.url });
    const { body } = await validateWidget(stack, owner.url, { agentId: stack.agent.id });
    for (const token of [undefined, body.visitorToken, "unknown"]) {
      expect(await callsOf("validate-widget", "", request(token))).toEqual(["/rest/v1/rpc/widget_context"]);
    }
  });

  it("are one for an agent that does not exist, and none for it in the next moments", async () => {
    const request = () => postJson({ agentId: randomUUID() }, { origin: owner.url });
    const [first, second] = [request(), request()];
    const ask = (init: RequestInit) => callsOf("validate-widget", "", init, 404);
    expect(await ask(first)).toEqual(["/rest/v1/rpc/widget_context"]);
    expect(await ask(first)).toEqual([]);
    expect(await ask(second)).toEqual(["/rest/v1/rpc/widget_context"]);
  });

  it("are one for a list, every time", async () => {
    const list = () =>
      callsOf("tab-fetch", `?tabId=${stack.tabs.messaging}`, { headers: { authorization: authorization() } });
    expect(await list()).toEqual(["/rest/v1/rpc/tab_context"]);
    expect(await list()).toEqual(["/rest/v1/rpc/tab_context"]);
  });

  it("are one for a thread and one for a write", async () => {
    owner.answer(ownerJson({ item: { id: "7" }, messages: [] }));
    const { messaging: tabId } = stack.tabs;
    const clientId = "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11";
    for (
      const action of [
        { action: "item_clicked", tabId, itemId: "7" },
        { action: "create_item", tabId, itemId: "7", clientId, body: "hello" },
      ]
    ) {
      const request = postJson(action, { authorization: authorization() });
      expect(await callsOf("tab-action", "", request)).toEqual(["/rest/v1/rpc/tab_context"]);
    }
  });

  it("are one more on a store tab, and no webhook's", async () => {
    const { store: tabId } = stack.tabs;
    const headers = { authorization: authorization() };
    expect(await callsOf("tab-fetch", `?tabId=${tabId}`, { headers })).toEqual([
      "/rest/v1/rpc/tab_context",
      "/rest/v1/rpc/store_list",
    ]);
    const message = postJson(
      { action: "create_item", tabId, clientId: randomUUID(), body: "hello" },
      headers,
    );
    expect(await callsOf("tab-action", "", message)).toEqual([
      "/rest/v1/rpc/tab_context",
      "/rest/v1/rpc/store_post",
    ]);
    const nobodys = postJson({ action: "item_clicked", tabId, itemId: "7" }, headers);
    expect(await callsOf("tab-action", "", nobodys, 404)).toEqual(["/rest/v1/rpc/tab_context"]);
  });

  it("are one for an API key that does not exist, and none for it in the next moments", async () => {
    const publish = () =>
      callsOf("realtime-publish", "", postJson({ endUserId: "1" }, { "x-api-key": "hdl_unknown" }), 401);
    expect(await publish()).toEqual(["/rest/v1/rpc/publish_context"]);
    expect(await publish()).toEqual([]);
  });

  it("are none for a publish with a key that was used a moment ago", async () => {
    const request = postJson({ endUserId: "1", conversationId: "7" }, { "x-api-key": stack.agent.apiKey });
    const first = await callsOf("realtime-publish", "", request);
    expect(first).toContain("/rest/v1/rpc/publish_context");
    await expect.poll(() => project.calls).toContain("/rest/v1/rpc/touch_api_key");
    for (let round = 0; round < 3; round++) {
      expect(await callsOf("realtime-publish", "", request)).toEqual([]);
    }
    expect(project.topics).toHaveLength(8);
  });
});

it("whoever writes on a store tab has the worker called soon, if there is something to send, else not", async () => {
  const { store: tabId } = stack.tabs;
  const write = () =>
    fetch(
      `${workers.get("tab-action")?.url}`,
      postJson({ action: "create_item", tabId, clientId: randomUUID(), body: "hello" }, {
        authorization: authorization(),
      }),
    ).then(({ status }) => status);
  project.calls.length = 0;
  expect(await write()).toBe(200);
  await expect.poll(() => project.calls).toContain(LATER);
  expect(project.calls).not.toContain("/functions/v1/deliver");
  await stack.sql`insert into heddle.webhooks (org_id, url)
    select org_id, ${`${owner.url}/in`} from heddle.agents where id = ${stack.agent.id}`;
  // The stack's own timer may be faster now and then.
  await expect.poll(async () => {
    await write();
    return project.calls;
  }, { interval: 700 }).toContain("/functions/v1/deliver");
});
