import { once } from "node:events";
import { type IncomingMessage, request, type RequestOptions } from "node:http";
import { text } from "node:stream/consumers";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { LOCAL_JWT_SECRET } from "../../../local/config.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { type JsonProcess, runDeno } from "../../support/process.ts";

const functionsDir = mkdtempSync(join(tmpdir(), "heddle-functions-"));
let database: TestDatabase;
let stack: JsonProcess;
let api: string;
let keys: { publishableKey: string; secretKey: string };

beforeAll(async () => {
  deploy("counter", "let n = 0; export default { fetch: () => Response.json({ n: ++n, pid: Deno.pid }) };");
  deploy("neighbour", "export default { fetch: () => Response.json({ pid: Deno.pid }) };");
  deploy(
    "echo",
    `export default { fetch: (request) => Response.json({
    path: new URL(request.url).pathname + new URL(request.url).search,
    address: request.headers.get("x-forwarded-for"), url: Deno.env.get("SUPABASE_URL") }) };`,
  );
  deploy("headers", "export default { fetch: (request) => Response.json([...request.headers.keys()]) };");
  deploy("crash", "export default { fetch: () => Deno.exit(7) };");
  deploy("broken", "throw new Error('no such setting');");
  database = await createDatabase();
  stack = runDeno([
    "local/main.ts",
    "--port=0",
    "--mail-port=0",
    "--watch",
    "--control", // refusals wait for nothing then
    `--functions-dir=${functionsDir}`,
  ], database.env);
  ({ apiUrl: api, ...keys } = await stack.event<{ apiUrl: string } & typeof keys>("ready"));
});

afterAll(async () => {
  await stack.stop();
  await database.drop();
  rmSync(functionsDir, { recursive: true });
});

describe("functions", () => {
  it("see their own name in the path, the caller's address and the project's url", async () => {
    expect(await json(`${api}/functions/v1/echo/deeper?q=1`)).toEqual({
      path: "/echo/deeper?q=1",
      address: "127.0.0.1",
      url: api,
    });
  });

  it("are not shown what concerns only the connection to the proxy", async () => {
    const headers = {
      connection: "upgrade, x-hop",
      upgrade: "websocket",
      "x-hop": "1",
      te: "trailers",
      "x-end": "1",
    };
    const { status, text } = await ask("/functions/v1/headers", { headers });
    const seen: string[] = JSON.parse(text);
    expect([status, seen.filter((name) => ["connection", "te", "upgrade", "x-end", "x-hop"].includes(name))])
      .toEqual([200, ["x-end"]]);
  });

  it("are not blamed for a method that no fetch can send", async () => {
    const { status, headers } = await ask("/functions/v1/echo", { method: "TRACE" });
    expect([status, headers.allow]).toEqual([405, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"]);
  });

  it("run in processes of their own", async () => {
    const [one, other] = await Promise.all(
      ["counter", "neighbour"].map((name) => json(`${api}/functions/v1/${name}`)),
    );
    expect(one?.pid).not.toBe(other?.pid);
  });

  it("start again after a crash, which costs no other request", async () => {
    const crash = await fetch(`${api}/functions/v1/crash`);
    expect([crash.status, (await crash.json()).code]).toEqual([500, "WORKER_ERROR"]);
    expect((await fetch(`${api}/functions/v1/counter`)).status).toBe(200);
    expect((await fetch(`${api}/functions/v1/crash`)).status).toBe(500);
  });

  it("that do not boot say why", async () => {
    const answer = await fetch(`${api}/functions/v1/broken`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      code: "BOOT_ERROR",
      message: expect.stringContaining("no such setting"),
    });
  });

  it("that nobody deployed are not found, shared folders among them", async () => {
    mkdirSync(join(functionsDir, "_shared"), { recursive: true });
    for (const name of ["nobody", "_shared", "..%2fsecret"]) {
      expect((await fetch(`${api}/functions/v1/${name}`)).status).toBe(404);
    }
  });

  it("are reloaded when their code changes", async () => {
    deploy("neighbour", "export default { fetch: () => Response.json({ reloaded: true }) };");
    await vi.waitFor(
      async () => expect(await json(`${api}/functions/v1/neighbour`)).toEqual({ reloaded: true }),
      {
        timeout: 20_000,
        interval: 50,
      },
    );
  });
});

describe("the public bucket", () => {
  const bucket = () => `${api}/storage/v1/object/public/heddle`;

  it("serves the script tag to any origin and revalidates it by its ETag", async () => {
    const script = await fetch(`${bucket()}/heddle.js`);
    expect(script.status).toBe(200);
    expect(script.headers.get("content-type")).toContain("text/javascript");
    expect(script.headers.get("access-control-allow-origin")).toBe("*");
    const again = await fetch(`${bucket()}/heddle.js`, {
      headers: { "if-none-match": script.headers.get("etag") ?? "" },
    });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("serves hashed chunks as immutable", async () => {
    const chunks = readdirSync("dist/widget/assets");
    expect(chunks.filter((name) => name.endsWith("-2.js"))).not.toEqual([]);
    for (const chunk of chunks) {
      const answer = await fetch(`${bucket()}/assets/${chunk}`);
      expect([chunk, answer.headers.get("cache-control")]).toEqual([
        chunk,
        expect.stringMatching(/immutable/),
      ]);
    }
  });

  it("serves nothing outside of it", async () => {
    for (
      const path of [
        "..%2f..%2fpackage.json",
        "%2e%2e/%2e%2e/package.json",
        "assets",
        "nothing.js",
        "%ff",
        "%00",
        "heddle.js/x",
        "x".repeat(5000),
      ]
    ) {
      expect((await fetch(`${bucket()}/${path}`)).status).toBe(404);
    }
  });
});

describe("keys", () => {
  const call = (headers: Record<string, string>) =>
    fetch(`${api}/rest/v1/rpc/widget_context`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-profile": "heddle_api", ...headers },
      body: JSON.stringify({ p_agent_id: "a0000000-0000-4000-8000-000000000001" }),
    });

  it("of the project stand for its roles, in either header", async () => {
    expect((await call({ apikey: keys.secretKey })).status).toBe(200);
    expect((await call({ authorization: `Bearer ${keys.secretKey}` })).status).toBe(200);
    expect((await call({ apikey: keys.publishableKey })).status).toBe(401);
  });

  it("that are unknown, forged or missing open nothing", async () => {
    const forged = `${btoa('{"alg":"none"}')}.${btoa('{"role":"service_role"}')}.`.replaceAll("=", "");
    for (const apikey of ["sb_secret_unknown", forged]) expect((await call({ apikey })).status).toBe(401);
    expect((await call({})).status).toBe(401);
  });
});

describe("the secret key in a browser", () => {
  const CONTEXT = "/rest/v1/rpc/widget_context";
  const FROM_BROWSERS: Record<string, string>[] = [
    { origin: "https://elsewhere.example" },
    { origin: "null" },
    { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" },
  ];
  const post = (path: string, headers: Record<string, string>) =>
    fetch(api + path, {
      method: "POST",
      headers: { "content-type": "application/json", "content-profile": "heddle_api", ...headers },
      body: JSON.stringify({ p_agent_id: "a0000000-0000-4000-8000-000000000001" }),
    });
  const refusal = async (answer: Response) => [answer.status, (await answer.json()).message];
  const refused = [401, "Forbidden use of secret API key in browser"];

  it.each(FROM_BROWSERS)("is refused, in every place that may hold it: %j", async (browser) => {
    const { secretKey } = keys;
    const token = await serviceRole();
    const places: [string, Record<string, string>][] = [
      ["", { apikey: secretKey }],
      ["", { authorization: `Bearer ${secretKey}` }],
      ["", { authorization: `Bearer ${token}` }],
      ["", { apikey: token }],
      ["", { apikey: secretKey, authorization: `Bearer ${keys.publishableKey}` }],
      [`?apikey=${secretKey}`, {}],
      [`?apikey=${token}`, {}],
    ];
    for (const [query, headers] of places) {
      expect(await refusal(await post(CONTEXT + query, { ...browser, ...headers }))).toEqual(refused);
    }
  });

  it.each([
    "/storage/v1/object/heddle/heddle.js",
    "/realtime/v1/api/broadcast/room/events/refresh",
    "/realtime/v1/websocket",
  ])("is refused by %s too, in words that the page may read", async (path) => {
    const answer = await post(path, { origin: "https://elsewhere.example", apikey: keys.secretKey });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(await refusal(answer)).toEqual(refused);
    const socket = await post(path, {
      origin: "https://elsewhere.example",
      "x-api-key": await serviceRole(),
      apikey: keys.publishableKey,
    });
    expect(await refusal(socket)).toEqual(refused);
  });

  it("is not what keeps a page from using the publishable key", async () => {
    const answer = await post("/realtime/v1/api/broadcast/room/events/refresh", {
      origin: "https://elsewhere.example",
      apikey: keys.publishableKey,
    });
    expect(answer.status).toBe(202);
  });
});

describe("a page of elsewhere", () => {
  const elsewhere = [
    "https://elsewhere.example",
    "http://evil.localhost:3000",
    "http://127.0.0.1.nip.example",
    "null",
  ];
  const status = async (path: string, headers: Record<string, string>, method = "POST") =>
    (await fetch(api + path, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(method === "POST" && { body: "{}" }),
    })).status;

  it.each(elsewhere)("%s signs nobody in and calls no function of the database", async (origin) => {
    const token = await signed("authenticated");
    const page = { origin, apikey: keys.publishableKey, authorization: `Bearer ${token}` };
    expect(await status("/auth/v1/token?grant_type=password", page)).toBe(403);
    expect(await status("/auth/v1/verify", page)).toBe(403);
    expect(await status("/rest/v1/rpc/inbox_agents", { ...page, "content-profile": "heddle_api" })).toBe(403);
    expect(await status("/realtime/v1/api/broadcast/room/events/refresh", page)).toBe(401);
  });

  it("does so through an image neither, which sends no origin", async () => {
    const image = { "sec-fetch-site": "cross-site", apikey: keys.publishableKey };
    expect(await status("/rest/v1/rpc/inbox_agents", image, "GET")).toBe(403);
    expect(await status("/auth/v1/user", image, "GET")).toBe(403);
    expect(await status("/auth/v1/.well-known/jwks.json", image, "GET")).toBe(200);
  });

  it("is told apart from pages of this machine, on any port", async () => {
    for (const origin of ["http://localhost:5173", "http://127.0.0.1:54326", "https://[::1]:8443"]) {
      const page = { origin, apikey: keys.publishableKey };
      expect(await status("/auth/v1/token?grant_type=password", page), origin).toBe(400);
    }
  });

  it("whose own name resolves to this machine is answered nothing", async () => {
    for (const host of ["elsewhere.example", "elsewhere.example:54321", "evil.localhost"]) {
      const { status } = await ask("/auth/v1/health", { headers: { host, apikey: keys.publishableKey } });
      expect([host, status]).toEqual([host, 404]);
    }
    const { status } = await ask("/auth/v1/health", {
      headers: { host: "localhost:54321", apikey: keys.publishableKey },
    });
    expect(status).toBe(200);
  });
});

describe("a socket that a page opened", () => {
  const HERE = "http://localhost:5173";
  const ELSEWHERE = "https://elsewhere.example";

  it.each([
    [HERE, "service_role", "error"],
    [HERE, "authenticated", "ok"],
    [HERE, "anon", "ok"],
    [ELSEWHERE, "service_role", "error"],
    [ELSEWHERE, "authenticated", "error"],
    [ELSEWHERE, "anon", "ok"],
    [undefined, "service_role", "ok"],
  ])("of %s joins with a token of %s: %s", async (origin, role, expected) => {
    const page = await openSocket(origin);
    expect(await page.join(await signed(role))).toMatchObject({ status: expected });
    page.close();
  });

  it.each([[HERE, "service_role"], [ELSEWHERE, "authenticated"]])(
    "of %s takes no token of %s once it has joined",
    async (origin, role) => {
      const page = await openSocket(origin);
      await page.join(await signed("anon"));
      page.send("access_token", { access_token: await signed(role) });
      expect(await page.heard("system")).toMatchObject({ status: "error" });
      page.close();
    },
  );
});

it("names the path that no route matches", async () => {
  const answer = await fetch(`${api}/nowhere`);
  expect([answer.status, await answer.json()]).toEqual([404, { message: "no route matches /nowhere" }]);
});

/** A connection with the publishable key, as a page of `origin` opens it, or a program without one. */
async function openSocket(origin?: string) {
  const url = `${api.replace("http", "ws")}/realtime/v1/websocket?vsn=2.0.0&apikey=${keys.publishableKey}`;
  const socket = new WebSocket(url, { ...(origin && { origin }) });
  await once(socket, "open");
  const topic = `realtime:conv-${crypto.randomUUID()}-${"0".repeat(64)}`;
  const send = (event: string, payload: unknown) =>
    socket.send(JSON.stringify(["1", "1", topic, event, payload]));
  const heard = (event: string) =>
    new Promise<Record<string, unknown>>((resolve) =>
      socket.on("message", (frame) => {
        const [, , , name, payload] = JSON.parse(String(frame));
        if (name === event) resolve(payload);
      })
    );
  return {
    send,
    heard,
    join(token: string) {
      send("phx_join", { config: { private: true }, access_token: token });
      return heard("phx_reply");
    },
    close: () => socket.close(),
  };
}

function serviceRole(): Promise<string> {
  return signed("service_role");
}

/** Anybody can sign one: the local JWT secret is the CLI's. */
function signed(role: string): Promise<string> {
  return new SignJWT({ role }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1m")
    .sign(new TextEncoder().encode(LOCAL_JWT_SECRET));
}

function deploy(name: string, code: string): void {
  mkdirSync(join(functionsDir, name), { recursive: true });
  writeFileSync(join(functionsDir, name, "index.ts"), code);
}

/** Without the corrections that `fetch` makes. */
async function ask(path: string, options: RequestOptions) {
  const sent = request(api + path, options).end();
  const [answer] = await once(sent, "response") as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, text: await text(answer) };
}

async function json(url: string): Promise<Record<string, unknown>> {
  return await (await fetch(url)).json();
}
