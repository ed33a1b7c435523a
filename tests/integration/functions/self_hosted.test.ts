import { createServer, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LOCAL_JWT_SECRET } from "../../../local/config.ts";
import { createLocalKeys } from "../../../local/proxy/keys.ts";
import { ensureWidgetBuilt } from "../../../scripts/ensure_widget.mjs";
import { heddleJson } from "../cli/run.ts";
import { listen, type Listening } from "../../support/listen.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { callFunction, postJson, signIn } from "./support/visitor.ts";

/** Supabase's docker-compose.yml where no keys of the new kind were made. */
const NO_NEW_KEYS = { SUPABASE_PUBLISHABLE_KEYS: '{"default":""}', SUPABASE_SECRET_KEYS: '{"default":""}' };
const PAGE_ORIGIN = "http://127.0.0.1:29997";
const NEWER_ENDPOINT = /^\/realtime\/v1\/api\/broadcast\/[^/]+\/events\//;

let stack: TestStack;
/** The project as the functions alone reach it, such as http://kong:8000; its Realtime is older than 2.97. */
let inside: Listening;
/** What the functions called, and as which role. */
const called = new Map<string, string>();

await ensureWidgetBuilt();
beforeAll(async () => {
  inside = await listen(createServer(async (request, response) => {
    const answer = await forwarded(request);
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }));
  stack = await startStack({
    ownerUrl: PAGE_ORIGIN,
    storeTab: true,
    functionsEnv: { ...NO_NEW_KEYS, SUPABASE_URL: inside.url },
  });
});
afterAll(async () => {
  await stack.stop();
  await inside.stop();
});

async function forwarded(request: IncomingMessage): Promise<Response> {
  const { method = "GET", url = "/", headers } = request;
  const { role } = decodeJwt(headers.authorization?.replace("Bearer ", "") ?? "");
  called.set(NEWER_ENDPOINT.test(url) ? "Realtime" : url.replace(/\?.*/, ""), String(role));
  if (NEWER_ENDPOINT.test(url)) return new Response("Not Found", { status: 404 });
  const { host: _, connection: __, "transfer-encoding": ___, ...rest } = headers;
  const body = method === "GET" ? undefined : await buffer(request);
  return await fetch(stack.apiUrl + url, { method, headers: rest as Record<string, string>, body });
}

it("a self-hosted project with keys of the former kind keeps what visitors write", async () => {
  const visitor = await signIn(stack, PAGE_ORIGIN);
  expect(decodeJwt(visitor.validated.realtime.key).role).toBe("anon");
  const clientId = crypto.randomUUID();
  const tabId = stack.tabs.store;
  const { status } = await visitor.tabAction({ action: "create_item", tabId, clientId, body: "Hello" });
  expect(status).toBe(200);
  const { body } = await visitor.tabFetch(`tabId=${tabId}`);
  expect(body.items).toMatchObject([{ preview: "Hello" }]);
  expect(new Set(called.values())).toEqual(new Set(["service_role"]));
});

it("a publish goes by the database where Realtime has no endpoint for single messages", async () => {
  const headers = { "x-api-key": stack.agent.apiKey };
  const { status, body } = await callFunction(
    stack,
    "realtime-publish",
    postJson({ endUserId: "ada" }, headers),
  );
  expect({ status, ok: body.ok }).toEqual({ status: 200, ok: true });
  expect(called.get("Realtime")).toBe("service_role");
  expect(called.get("/rest/v1/rpc/broadcast")).toBe("service_role");
});

it("doctor finds no fault with keys of the former kind", async () => {
  const { publishableKey, secretKey } = stack;
  const keys = await createLocalKeys({
    publishable: publishableKey,
    secret: secretKey,
    jwtSecret: LOCAL_JWT_SECRET,
  });
  const { checks } = await heddleJson<{ checks: { id: string; status: string }[] }>(["doctor"], {
    HEDDLE_URL: stack.apiUrl,
    HEDDLE_SECRET_KEY: keys.serviceRoleJwt,
    HEDDLE_PUBLISHABLE_KEY: keys.anonJwt,
    HEDDLE_DATABASE_URL: stack.dbUrl,
  });
  expect(checks.filter(({ status }) => status !== "ok")).toEqual([]);
});
