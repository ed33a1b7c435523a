import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type RealtimeChannel, type SupabaseClientOptions } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  requestSigner,
  type WebhookSecrets,
} from "../../supabase/functions/_shared/sources/webhook/webhook_request.ts";
import { Queue } from "../realtime/support/queue.ts";
import { snippets } from "../docs/support/documents.ts";
import { type FakeOwner, ownerJson, startFakeOwner } from "../support/fake_owner.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { type BusyHeddle, RETRY_AFTER_SECONDS, startBusyHeddle } from "./docs_examples/busy_heddle.ts";
import { allLanguages, type Language, languagesHere } from "./docs_examples/languages.ts";
import { type Run, run } from "./docs_examples/run.ts";
import { type SignedRequest, startWebhook, type Webhook } from "./docs_examples/webhook.ts";
import { signIn, validateWidget, type Visitor } from "../integration/functions/support/visitor.ts";

const ADA = { id: "ada", name: "Ada Okafor", email: "ada@example.com" };
const CHANGE = { endUserId: "ada", conversationId: "1042" };
const WRITTEN = "Zoë’s fern 🌿";
const ANOTHER_SECRET = "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldCB3aGljaCBuZXZlciBzaWduZWQ=";
const transport = WebSocket as unknown as NonNullable<
  SupabaseClientOptions<"public">["realtime"]
>["transport"];

let owner: FakeOwner;
let stack: TestStack;
let busy: BusyHeddle;
let visitor: Visitor;
let client: ReturnType<typeof createClient>;
let rotatedSecret: string;
let genuine: { get: SignedRequest; post: SignedRequest };
const heard = { list: new Queue<unknown>(), conversation: new Queue<unknown>() };
const webhooks = new Map<string, Webhook>();
const busyRuns = new Map<string, Promise<BusyRuns>>();
const built = mkdtempSync(join(tmpdir(), "heddle-docs-"));
const languages = languagesHere(built);

/** Publishes to a Heddle that refuses once, for good or with issues, was never deployed, or hides behind a broken proxy. */
interface BusyRuns {
  limited: Run;
  unavailable: Run;
  proxy: Run;
  platform: Run;
  issues: Run;
}

beforeAll(async () => {
  [owner, busy] = await Promise.all([startFakeOwner(), startBusyHeddle()]);
  [stack] = await Promise.all([startStack({ ownerUrl: owner.url }), ...languages.map(build)]);
  visitor = await signIn(stack, owner.url, { sub: "ada", name: "Zoë 🌿" });
  await Promise.all([subscribe(), receiveRequests()]);
  await Promise.all(languages.map(async (language) => {
    webhooks.set(language.name, await startWebhook(language, stack.agent, built));
  }));
});

afterAll(async () => {
  await Promise.all([...webhooks.values()].map((webhook) => webhook.stop()));
  await client.removeAllChannels();
  await stack.stop();
  await Promise.all([owner.stop(), busy.stop()]);
  rmSync(built, { recursive: true });
});

async function build(language: Language): Promise<void> {
  const { builds = [], name } = language;
  for (const { command, folder } of builds) {
    const { ok, output } = await run(command, { cwd: folder });
    if (!ok) throw new Error(output);
  }
  busyRuns.set(name, publishToBusyHeddle(language));
}

/** Under way while the stack starts: what is tested is that it waits. */
async function publishToBusyHeddle({ cli, name }: Language): Promise<BusyRuns> {
  const [limited, unavailable, proxy, platform, issues] = await Promise.all(
    ["limited_once", "unavailable", "proxy", "platform", "issues"].map((key) =>
      run([...cli, "publish", busy.url, busyKey(key, name), JSON.stringify(CHANGE)])
    ),
  );
  if (!limited || !unavailable || !proxy || !platform || !issues) throw new Error("each publish has an end");
  return { limited, unavailable, proxy, platform, issues };
}

/** What the busy Heddle is to do for a language; its name may hold spaces, a key may not. */
function busyKey(behaviour: string, name: string): string {
  return `${behaviour}_${name.replaceAll(" ", "_")}`;
}

/** Listens where Ada's widget does, with the thread open. */
async function subscribe(): Promise<void> {
  const { listChannel } = (await visitor.tabFetch(`tabId=${stack.tabs.messaging}`)).body;
  owner.answer(ownerJson({ item: { id: "1042" }, entries: [] }));
  const thread = { action: "item_clicked", tabId: stack.tabs.messaging, itemId: "1042" };
  const { conversationChannel } = (await visitor.tabAction(thread)).body;
  client = createClient(stack.apiUrl, visitor.validated.realtime.key, { realtime: { transport } });
  await joined(client.channel(listChannel ?? "", { config: { private: true } }), heard.list);
  await joined(client.channel(conversationChannel ?? "", { config: { private: true } }), heard.conversation);
}

async function joined(channel: RealtimeChannel, queue: Queue<unknown>): Promise<void> {
  channel.on("broadcast", { event: "refresh" }, (message) => queue.push(message));
  await new Promise<void>((resolve, reject) => {
    channel.subscribe((status, error) => status === "SUBSCRIBED" ? resolve() : reject(error));
  });
}

/** One read and one write as Heddle sends them while the webhook secret is rotated. */
async function receiveRequests(): Promise<void> {
  const [row] = await stack.sql`select heddle_api.rotate_webhook_secret(${stack.agent.id}) as new`;
  rotatedSecret = row?.new.secret;
  await visitor.tabFetch(`tabId=${stack.tabs.messaging}&cursor=${encodeURIComponent("2 & more")}`);
  const get = received("cursor=2");
  await visitor.tabAction({
    action: "create_item",
    tabId: stack.tabs.messaging,
    itemId: "ada",
    clientId: "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11",
    body: WRITTEN,
  });
  genuine = { get, post: received("action=create_item") };
}

function received(part: string): SignedRequest {
  const request = owner.requests.find(({ target }) => target.includes(part));
  if (!request) throw new Error(`no webhook call with ${part}`);
  const { method, target, headers, body } = request;
  const proofs = Object.entries(headers).filter(([name]) => /^(webhook-|x-heddle-)/.test(name));
  return { method, target, headers: Object.fromEntries(proofs) as Record<string, string>, body };
}

it("every language of docs/examples runs if it is installed", () => {
  // The page is opened beside docs/gateway.md.
  const folders = readdirSync(new URL("../../docs/examples", import.meta.url)).sort()
    .filter((folder) => folder !== "browser");
  expect([...new Set(allLanguages(built).map(({ folder }) => folder))].sort()).toEqual(folders);
  expect(languages.map(({ folder }) => folder)).toContain("node");
});

describe.each(languages)("docs/examples, $name", (language) => {
  const { cli, name } = language;
  const webhookHere = () => webhooks.get(name) as Webhook;
  const runsHere = () => busyRuns.get(name) as Promise<BusyRuns>;

  it("makes a token that opens the visitor's session", async () => {
    const { output: userToken } = await run([
      ...cli,
      "token",
      stack.agent.signingSecret,
      JSON.stringify(ADA),
    ]);
    const { status, body } = await validateWidget(stack, owner.url, { agentId: stack.agent.id, userToken });
    expect({ status, endUser: body.endUser }).toEqual({ status: 200, endUser: { ...ADA, anonymous: false } });
  });

  it("publishes to the visitor's open widget, also if the address ends with a slash", async () => {
    const published = await run([
      ...cli,
      "publish",
      `${stack.apiUrl}/`,
      stack.agent.apiKey,
      JSON.stringify(CHANGE),
    ]);
    expect(published.ok).toBe(true);
    expect(await heard.list.next()).toMatchObject({ event: "refresh" });
    expect(await heard.conversation.next()).toMatchObject({ event: "refresh" });
  });

  it("says why a publish is refused", async () => {
    const refused = await run([...cli, "publish", stack.apiUrl, "hdl_wrong", JSON.stringify(CHANGE)]);
    expect(refused.ok).toBe(false);
    expect(refused.output).toContain("401");
    expect(refused.output).toContain("invalid_api_key");
  });

  it("retries after the time in Retry-After, and fails after the third try", async () => {
    const { limited, unavailable } = await runsHere();
    expect(limited.ok).toBe(true);
    const [first = NaN, second = NaN, ...more] = busy.arrivals(busyKey("limited_once", name));
    expect(more).toEqual([]);
    expect(second - first).toBeGreaterThan(RETRY_AFTER_SECONDS * 1000 - 50);

    expect(unavailable.ok).toBe(false);
    expect(unavailable.output).toContain("realtime_unavailable");
    expect(busy.arrivals(busyKey("unavailable", name))).toHaveLength(3);
  });

  it("reports the status if a proxy answers with HTML", async () => {
    const { proxy } = await runsHere();
    expect(proxy.ok).toBe(false);
    expect(proxy.output).toContain("502");
  });

  it("names what is wrong with the change", async () => {
    const { issues } = await runsHere();
    expect(issues.ok).toBe(false);
    expect(issues.output).toMatch(/invalid_request.*endUserId\b.*Invalid input.*endUserIds\b.*Too big/);
  });

  it("passes the platform's message on if the function did not run", async () => {
    const { platform } = await runsHere();
    expect(platform.ok).toBe(false);
    expect(platform.output).toMatch(/NOT_FOUND.*No such function\./);
  });

  it("refuses a key with a trailing newline, and does not print it", async () => {
    const { apiKey } = stack.agent;
    const refused = await run([...cli, "publish", stack.apiUrl, `${apiKey}\n`, JSON.stringify(CHANGE)]);
    expect(refused.ok).toBe(false);
    expect(refused.output).toMatch(/the API key holds white space/i);
    expect(refused.output).not.toContain(apiKey);
  });

  it("takes Heddle's own reads and writes, also while the secret is rotated", async () => {
    expect(genuine.post.body).toContain(WRITTEN);
    const { problem } = webhookHere();
    expect(await problem(genuine.get)).toBe(null);
    expect(await problem(genuine.post)).toBe(null);
  });

  it("takes them on both sides of a rotation, and once the grace is over only those of its own secret", async () => {
    const { problem } = webhookHere();
    const { webhookSecret } = stack.agent;
    for (const sign of [signedGet, signedPost]) {
      expect(await problem(sign({ current: rotatedSecret, previous: webhookSecret }))).toBe(null);
      expect(await problem(sign({ current: webhookSecret, previous: ANOTHER_SECRET }))).toBe(null);
      expect(await problem(sign({ current: rotatedSecret, previous: null }))).not.toBe(null);
    }
  });

  it("refuses a read that was changed in transit, is old, or was signed by somebody else", async () => {
    const { problem } = webhookHere();
    const secrets = { current: stack.agent.webhookSecret, previous: null };
    const withIdentity = (token: string) => ({ ...genuine.get, headers: { "x-heddle-identity": token } });
    const [header, payload = "", signature] = genuine.get.headers["x-heddle-identity-previous"]?.split(".") ??
      [];
    expect(await problem(withIdentity(`${header}.${payload}.${signature}`))).toBe(null);
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "eve" })).toString("base64url");
    const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");

    expect(await problem(withIdentity(`${header}.${forged}.${signature}`))).not.toBe(null);
    expect(await problem(withIdentity(`${unsigned}.${forged}.`))).not.toBe(null);
    expect(await problem(withIdentity("..."))).not.toBe(null);
    expect(await problem({ ...genuine.get, headers: {} })).not.toBe(null);
    expect(await problem({ ...genuine.get, method: "POST" })).not.toBe(null);
    expect(await problem(signedGet(secrets, { seconds: -100 }))).toBe(null);
    expect(await problem(signedGet(secrets, { seconds: -130 }))).not.toBe(null);
    expect(await problem(signedGet(secrets, { agentId: randomUUID() }))).not.toBe(null);
    expect(await problem(signedGet(secrets, { action: "create_item" }))).not.toBe(null);
    expect(await problem(signedGet({ current: ANOTHER_SECRET, previous: null }))).not.toBe(null);
  });

  it("refuses a write that was changed in transit, is old, or was signed by somebody else", async () => {
    const { problem } = webhookHere();
    const secrets = { current: stack.agent.webhookSecret, previous: null };
    const { post } = genuine;
    expect(await problem({ ...post, body: post.body.replace("fern", "firm") })).not.toBe(null);
    expect(await problem(signedPost(secrets, { seconds: -290 }))).toBe(null);
    expect(await problem(signedPost(secrets, { seconds: -302 }))).not.toBe(null);
    expect(await problem(signedPost(secrets, { seconds: 302 }))).not.toBe(null);
    expect(await problem(signedPost({ current: ANOTHER_SECRET, previous: null }))).not.toBe(null);
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
      expect(await problem({ ...post, headers: { ...post.headers, [name]: "v1," } })).not.toBe(null);
      const { [name]: _, ...rest } = post.headers;
      expect(await problem({ ...post, headers: rest })).not.toBe(null);
    }
  });
});

it("docs/backend.md points a tab at the examples' webhook", async () => {
  const commands = snippets("docs/backend.md", "sh").join("\n").split("\n")
    .map((line) => line.replace("npm run heddle --", "node scripts/heddle.mjs"));
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    const { ok, output } = await run(["bash", "-c", command], {
      env: { HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
    });
    expect({ ok, output }).toMatchObject({ ok: true });
  }
  const rows = await stack.sql`
    select action from heddle.tab_actions
    where tab_id = ${stack.tabs.messaging} and url = 'http://127.0.0.1:8080/' and connector_id is null
    order by action`;
  expect(rows.map(({ action }) => action)).toEqual(["create_item", "get_items", "item_clicked"]);
  const disabled = await stack.sql`
    select action from heddle.tab_actions where tab_id = ${stack.tabs.messaging} and not enabled`;
  expect([...disabled]).toEqual([{ action: "update_item" }]);
});

describe.each(languages.filter(({ webhook }) => "server" in webhook))(
  "docs/examples, $name, as a backend",
  ({ name }) => {
    const item = { id: "ada", title: "Your messages", unread: 0, fields: {} };
    const act = (action: string, more: Record<string, unknown> = {}) =>
      visitor.tabAction({ action, tabId: stack.tabs.messaging, itemId: "ada", ...more });

    beforeAll(async () => {
      const { url = "" } = webhooks.get(name) ?? {};
      await stack.sql`
        update heddle.tab_actions set url = ${`${url}/heddle/messages?shop=1`}, connector_id = null, enabled = true
        where tab_id = ${stack.tabs.messaging}`;
    });

    it("believes the signed identity, not the query", async () => {
      const { url = "" } = webhooks.get(name) ?? {};
      const { headers } = genuine.get;
      const response = await fetch(`${url}/heddle/messages?action=get_items&endUserId=eve`, { headers });
      expect(await response.json()).toMatchObject({ items: [{ id: "ada" }] });
    });

    it("answers the visitor's list through Heddle", async () => {
      const { status, body } = await visitor.tabFetch(`tabId=${stack.tabs.messaging}`);
      expect({ status, items: body.items }).toEqual({ status: 200, items: [item] });
    });

    it("keeps a message once, however often it is sent, and shows it", async () => {
      const clientId = randomUUID();
      const entry = { clientId, author: { role: "visitor" }, body: WRITTEN };
      const sent = await act("create_item", { clientId, body: WRITTEN });
      expect(sent).toMatchObject({ status: 200, body: { item, entry } });
      const again = await act("create_item", { clientId, body: `${WRITTEN}!` });
      expect(again.body.entry).toEqual(sent.body.entry);
      const { entries } = (await act("item_clicked")).body;
      expect(entries?.filter((shown) => shown.clientId === clientId)).toEqual([sent.body.entry]);
    });

    it("keeps a message in which the visitor left half a character", async () => {
      const clientId = randomUUID();
      const sent = await act("create_item", { clientId, body: "half \ud83d x \0" });
      expect(sent).toMatchObject({ status: 200, body: { entry: { clientId, body: "half \ufffd x \0" } } });
      const { status, body } = await act("item_clicked");
      expect(status).toBe(200);
      expect(body.entries).toContainEqual(sent.body.entry);
    });

    it("answers 400 to a signed body that can't be read", async () => {
      const { url = "" } = webhooks.get(name) ?? {};
      for (const body of ["{", "[1,"]) {
        const { webhookSecret } = stack.agent;
        const { headers } = signed({ ...genuine.post, body }, { current: webhookSecret, previous: null });
        const response = await fetch(`${url}/heddle/messages`, { method: "POST", headers, body });
        expect([response.status, (await response.json()).message]).toEqual([
          400,
          expect.stringMatching(/^the body must be JSON/i),
        ]);
      }
    });

    it("refuses somebody else's conversation, and what it does not know", async () => {
      const foreign = await act("item_clicked", { itemId: "eve" });
      expect(foreign).toMatchObject({ status: 404, body: { error: { code: "item_not_found" } } });
      const unknown = await act("update_item", { changes: { read: true } });
      expect(unknown).toMatchObject({
        status: 422,
        body: { error: { message: "There is no update_item here." } },
      });
    });
  },
);

it("docs/backend.md shows how a webhook knows a delivery that it has had", async () => {
  const [create = "", insert = "", clean = ""] = snippets("docs/backend.md", "sql");
  await stack.sql.begin(async (tx) => {
    await tx.unsafe(create);
    const isNew = async (id: string) => (await tx.unsafe(insert, [id])).length === 1;
    expect([await isNew("msg_1"), await isNew("msg_1"), await isNew("msg_2")]).toEqual([true, false, true]);
    await tx`update heddle_deliveries set received_at = now() - interval '16 minutes' where id = 'msg_1'`;
    await tx.unsafe(clean);
    expect([await isNew("msg_1"), await isNew("msg_2")]).toEqual([true, false]);
  });
});

interface Signing {
  /** From now. */
  seconds?: number;
  agentId?: string;
  action?: "get_items" | "create_item";
}

const signedGet = (secrets: WebhookSecrets, signing?: Signing) => signed(genuine.get, secrets, signing);
const signedPost = (secrets: WebhookSecrets, signing?: Signing) => signed(genuine.post, secrets, signing);

/** As Heddle would have signed it at another time, for another agent or with other secrets. */
function signed(
  request: SignedRequest,
  secrets: WebhookSecrets,
  { seconds = 0, agentId = stack.agent.id, action = "get_items" }: Signing = {},
): SignedRequest {
  const method = request.method === "GET" ? "GET" : "POST";
  const sign = requestSigner(
    { method, url: new URL(request.target, "http://shop"), body: request.body },
    { action, tabId: stack.tabs.messaging, endUser: { id: "ada" } },
    { agentId, secrets },
  );
  return { ...request, headers: sign(Date.now() + seconds * 1000) };
}
