import { afterAll, beforeAll, expect, test } from "vitest";
import { denoPath } from "../../scripts/deno.mjs";
import { type FaultyProject, startFaultyProject } from "../integration/functions/support/faulty_project.ts";
import { postJson, signIn, type Visitor } from "../integration/functions/support/visitor.ts";
import { bootFunction, functionEnv, type FunctionWorker } from "../integration/functions/support/worker.ts";
import { type FakeOwner, ownerJson, startFakeOwner } from "../support/fake_owner.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { report } from "./support/measures.ts";

const CALLS = 50;
let owner: FakeOwner;
let stack: TestStack;
let project: FaultyProject;
let visitor: Visitor;
const workers = new Map<string, FunctionWorker>();

beforeAll(async () => {
  owner = await startFakeOwner();
  const list = ownerJson([{ id: "7", title: "Hello" }]);
  const thread = ownerJson({ item: { id: "7" }, messages: [{ id: 1, body: "hello" }] });
  owner.answer((call, response) =>
    call.query.get("action") === "get_items" ? list(call, response) : thread(call, response)
  );
  stack = await startStack({ ownerUrl: owner.url });
  project = await startFaultyProject(stack.apiUrl);
  visitor = await signIn(stack, owner.url);
  const env = { ...functionEnv(stack), SUPABASE_URL: project.url };
  for (const name of ["tab-fetch", "tab-action", "realtime-publish"]) {
    workers.set(name, await bootFunction(denoPath(), name, env));
  }
});

afterAll(async () => {
  for (const worker of workers.values()) await worker.stop();
  await project.stop();
  await stack.stop();
  await owner.stop();
});

/** Calls a function many times; returns what it asked of its project each time, broadcasts aside. */
async function queriesPerCall(requests: [name: string, query: string, init: RequestInit][]): Promise<number> {
  project.calls.length = 0;
  for (let call = 0; call < CALLS; call++) {
    const [name, query, init] = requests[call % requests.length] ?? ["", "", {}];
    const { status } = await fetch(`${workers.get(name)?.url}${query}`, init);
    expect(status).toBe(200);
  }
  return project.calls.length / CALLS;
}

test("our queries per publish and per tab call", async () => {
  const publish = postJson({ endUserId: "1", conversationId: "7" }, { "x-api-key": stack.agent.apiKey });
  await fetch(workers.get("realtime-publish")?.url ?? "", publish);
  // The key's last use, which is written off the path, at most once a minute.
  await expect.poll(() => project.calls).toContain("/rest/v1/rpc/touch_api_key");
  report("queries_per_publish", await queriesPerCall([["realtime-publish", "", publish]]));

  const { messaging: tabId } = stack.tabs;
  const headers = { authorization: `Bearer ${visitor.validated.session}` };
  const thread = postJson({ action: "item_clicked", tabId, itemId: "7" }, headers);
  report(
    "queries_per_tab_call",
    await queriesPerCall([["tab-fetch", `?tabId=${tabId}`, { headers }], ["tab-action", "", thread]]),
  );
});

test("a refetch of a list that has not changed", async () => {
  const query = `tabId=${stack.tabs.messaging}`;
  const first = await visitor.tabFetch(query);
  const again = await visitor.tabFetch(query, { "if-none-match": first.headers.get("etag") ?? "" });
  report("unchanged_refetch_status", again.status);
  report("unchanged_refetch_bytes", Buffer.byteLength(again.text));
});
