import { Buffer } from "node:buffer";
import { createServer, get } from "node:http";
import { createConnection } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { MOST_CONNECTIONS } from "../../../gateway/limits.ts";
import { DEMO_AGENT } from "../../../local/demo_agent.ts";
import { drainBuckets } from "../../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";
import { connect, type GatewayClient } from "../../support/gateway_client.ts";
import { listen, type Listening } from "../../support/listen.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { newUser, signedIn } from "../local/auth_client.ts";

const ALL = `events.${DEMO_ORG}.test.*.*.*`;
const OTHER_AGENT = "a0000000-0000-4000-8000-000000000002";

let stack: TestStack;
let gateway: TestGateway;
const open: GatewayClient[] = [];
beforeAll(async () => {
  stack = await startStack();
  gateway = await startTestGateway({
    databaseUrl: stack.dbUrl,
    supabaseUrl: stack.apiUrl,
    publishableKey: stack.publishableKey,
  });
  await stack.sql`insert into heddle.agents (id, org_id, name) values (${OTHER_AGENT}, ${DEMO_ORG}, 'Other')`;
});
afterEach(() => {
  for (const each of open.splice(0)) each.drop();
});
afterAll(async () => {
  await gateway.stop();
  await stack.stop();
});

async function opened(token: string | undefined, query = "") {
  const client = await connect(gateway.url, { token, query });
  open.push(client);
  return client;
}

/** Signed in; of the team unless it says otherwise. */
async function member({ agents, isMember = true }: { agents?: string[]; isMember?: boolean } = {}) {
  const { id, email } = await newUser(stack);
  if (isMember) {
    await stack.sql`
      insert into heddle.members (org_id, user_id, name, role, every_agent)
      values (${DEMO_ORG}, ${id}, ${email}, 'operator', ${agents === undefined})`;
  }
  for (const agentId of agents ?? []) {
    await stack.sql`
      insert into heddle.member_agents (org_id, user_id, agent_id) values (${DEMO_ORG}, ${id}, ${agentId})`;
  }
  const { data } = await (await signedIn(stack, email)).auth.getSession();
  return { id, token: data.session?.access_token ?? "" };
}

const statusOf = (token?: string) => opened(token).then(() => 101, (error) => error.status);
const ticketFor = async (token: string) => {
  const answer = await fetch(`${gateway.url}/v1/tickets`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), body: await answer.json() };
};
const tell = (agentId: string | null, resourceId: string) =>
  stack.sql`select heddle.log_event(${DEMO_ORG}, ${agentId},
    array['test', 'thing', 'changed', ${resourceId}], 'thing.changed', null, '{}')`;
const idsOf = (client: GatewayClient) => client.events().map(({ topic }) => topic?.split(".").at(-1));

describe("an upgrade", () => {
  it("is refused without a token that may read events", async () => {
    expect(await statusOf()).toBe(401);
    expect(await statusOf("hdl_unknown")).toBe(401);
    expect(await statusOf("eyJh.bGci.OiJ9")).toBe(401);
    expect(await statusOf(await makeEventKey(stack.sql, { scopes: ["events:write"] }))).toBe(403);
    expect(await statusOf((await member({ isMember: false })).token)).toBe(403);
    expect(await statusOf((await member()).token)).toBe(101);
    expect(await statusOf(stack.eventsKey)).toBe(101);
  });

  it("says what is wrong as every endpoint does", async () => {
    await expect(opened("hdl_unknown")).rejects.toThrow(
      '{"error":{"code":"invalid_api_key","message":"The API key is unknown or revoked."}}',
    );
  });
});

describe("a bad access token", () => {
  it("is charged to its address as an unknown key is, while good ones get through", async () => {
    const { token } = await member();
    await stack.sql`delete from heddle.rate_buckets`;
    const statuses = new Set<number>();
    for (let n = 0; n < 200 && !statuses.has(429); n++) {
      statuses.add((await ticketFor(`eyJh.bGci.${n}`)).status);
    }
    expect([...statuses]).toEqual([401, 429]);
    await drainBuckets(stack.sql);
    expect(await statusOf("eyJh.bGci.OiJ9")).toBe(429);
    expect(await statusOf(token)).toBe(101);
    await stack.sql`delete from heddle.rate_buckets`;
  });
});

describe("Auth", () => {
  const forged = (n: number) =>
    `e30.${Buffer.from(JSON.stringify({ exp: 4_000_000_000, n })).toString("base64url")}.c2ln`;
  let asked = 0;
  let answers: (token: string) => number | Promise<number>;
  let relay: Listening;
  let relayed: TestGateway;
  beforeAll(async () => {
    const server = createServer(async ({ url, headers }, response) => {
      asked++;
      const status = await answers(String(headers.authorization).slice("Bearer ".length));
      if (status !== 200) return response.writeHead(status).end("{}");
      const answer = await fetch(`${stack.apiUrl}${url}`, {
        headers: { apikey: stack.publishableKey, authorization: String(headers.authorization) },
      });
      response.writeHead(answer.status).end(await answer.text());
    });
    relay = await listen(server);
    relayed = await startTestGateway({ databaseUrl: stack.dbUrl, supabaseUrl: relay.url });
  });
  beforeEach(async () => {
    asked = 0;
    answers = () => 200;
    await stack.sql`delete from heddle.rate_buckets`;
  });
  afterAll(async () => {
    await relayed.stop();
    await relay.stop();
  });
  const eventsFor = (token: string) =>
    fetch(`${relayed.url}/v1/events`, { headers: { authorization: `Bearer ${token}` } });

  it("that does not answer, or has enough of us, is no fault of the caller's", async () => {
    for (const status of [429, 500, 503]) {
      answers = () => status;
      const answer = await eventsFor(forged(-status));
      expect({ status: answer.status, body: await answer.json() }).toMatchObject({
        status: 503,
        body: { error: { code: "unavailable" } },
      });
      expect(answer.headers.get("retry-after")).toBe("5");
    }
  });

  it("that answers when whoever asked has gone leaves nothing behind", async () => {
    const { token } = await member();
    const leaving = new AbortController();
    const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
    let answer = (_: number) => {};
    answers = () => new Promise<number>((resolve) => answer = resolve);
    const gone = fetch(`${relayed.url}/v1/events`, { headers, signal: leaving.signal });
    await expect.poll(() => asked).toBe(1);
    leaving.abort();
    await expect(gone).rejects.toThrow();
    answer(200);
    answers = () => 200;
    const stays = await fetch(`${relayed.url}/v1/events`, { headers });
    await expect.poll(() => relayed.counts().connections).toBe(1);
    await stays.body?.cancel();
    await expect.poll(() => relayed.counts().connections).toBe(0);
  });

  it("is asked about few bad tokens of one address, once each, and about good ones all the same", async () => {
    const { token } = await member();
    expect((await eventsFor(token)).status).toBe(200);
    await eventsFor(forged(0));
    const before = asked;
    await eventsFor(forged(0));
    expect(asked).toBe(before);
    const from = performance.now();
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => (await eventsFor(forged(n))).status),
    );
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    // One a second comes back meanwhile.
    expect(asked).toBeLessThan(100 + (performance.now() - from) / 1000);
    expect((await eventsFor(token)).status).toBe(200);
  });
});

describe("a connection that is refused", () => {
  it("is closed, also where the other side never closes", async () => {
    const { port } = new URL(gateway.url);
    const closed = ["/v1/realtime", "/nothing", "/v1/realtime?ticket=none"].map((path) => {
      const socket = createConnection({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => {});
      socket.resume();
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      );
      // What is written to a socket that the other side has destroyed is answered with a reset.
      const probe = setInterval(() => socket.write("x"), 200);
      return new Promise((resolve) => socket.on("close", () => resolve(clearInterval(probe))));
    });
    await Promise.all(closed);
  });

  it("is one more of a member than they may have, and the others stay", async () => {
    const { token } = await member();
    const clients = await Promise.all(
      Array.from({ length: MOST_CONNECTIONS.member }, () => opened(token)),
    );
    await expect(opened(token)).rejects.toThrow('"code":"too_many_connections"');
    // Whoever comes with a ticket is counted apart.
    const { body } = await ticketFor(token);
    expect((await opened(undefined, `ticket=${body.ticket}`)).welcome.type).toBe("welcome");
    clients.pop()?.drop();
    await expect.poll(() => statusOf(token)).toBe(101);
    expect(await clients[0]?.ask({ type: "ping" })).toMatchObject({ type: "pong" });
  });
});

it("those who come at once are no more than a member may have, by whatever protocol", async () => {
  const { token } = await member();
  const sockets = Array.from({ length: 150 }, () => opened(token).then(() => 200, (error) => error.status));
  // Node ends the stream of an answer that nobody holds any more.
  const streams: Response[] = [];
  const asked = Array.from({ length: 150 }, async () => {
    const answer = await fetch(`${gateway.url}/v1/events`, {
      headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
    });
    streams.push(answer);
    return answer.status;
  });
  const statuses = await Promise.all([...sockets, ...asked]);
  const count = (status: number) => statuses.filter((each) => each === status).length;
  expect([count(200), count(429)]).toEqual([MOST_CONNECTIONS.member, 300 - MOST_CONNECTIONS.member]);
  expect(gateway.counts().connections).toBe(MOST_CONNECTIONS.member);
  await Promise.all(streams.map(({ body }) => body?.cancel()));
  await expect.poll(() => gateway.counts().subscribers).toBeLessThan(MOST_CONNECTIONS.member);
});

describe("a wrong ticket", () => {
  it("is charged to its address as an unknown key is, by whatever protocol, while good ones get through", async () => {
    const { token } = await member();
    await stack.sql`delete from heddle.rate_buckets`;
    const statuses = new Set<number>();
    for (let n = 0; n < 200 && !statuses.has(429); n++) {
      statuses.add((await fetch(`${gateway.url}/v1/events?ticket=guess-${n}`)).status);
    }
    expect([...statuses]).toEqual([401, 429]);
    await drainBuckets(stack.sql);
    const socket = await opened(undefined, "ticket=guess");
    expect(await socket.closed).toEqual({ code: 4429, reason: "rate_limited" });
    const { body } = await ticketFor(token);
    expect((await fetch(`${gateway.url}/v1/events?ticket=${body.ticket}`)).status).toBe(200);
    await stack.sql`delete from heddle.rate_buckets`;
  });
});

describe("a gateway that is told its names", () => {
  it("answers under those alone, whatever a page's own name resolves to", async () => {
    const named = await startTestGateway({
      databaseUrl: stack.dbUrl,
      hostNames: ["127.0.0.1", "[::1]"],
    });
    const statusAt = (host: string, path = "/healthz") =>
      new Promise((resolve, reject) => {
        const upgrade = path === "/healthz" ? {} : {
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        };
        get({ port: named.port, host: "127.0.0.1", path, headers: { host, ...upgrade } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on("error", reject);
      });
    expect(await statusAt(`127.0.0.1:${named.port}`)).toBe(200);
    expect(await statusAt("[::1]")).toBe(200);
    for (const host of ["rebound.example", "127.0.0.1.rebound.example", `evil.example:${named.port}`]) {
      expect(await statusAt(host), host).toBe(403);
      expect(await statusAt(host, "/v1/realtime"), host).toBe(403);
    }
    await named.stop();
  });
});

describe("a ticket", () => {
  it("opens one connection, as whoever got it", async () => {
    const { status, body } = await ticketFor(stack.eventsKey);
    expect({ status, body }).toEqual({
      status: 200,
      body: { ticket: expect.any(String), expiresAt: expect.any(String) },
    });
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(50_000);
    const client = await opened(undefined, `ticket=${body.ticket}`);
    expect(client.welcome.limits.subscriptions).toBe(100);
    await client.ask({ type: "subscribe", topic: ALL });
    await tell(null, "by-ticket");
    await expect.poll(() => idsOf(client)).toEqual(["by-ticket"]);
  });

  it("lets read, and nothing else that its key may do, neither at once nor later", async () => {
    const key = await makeEventKey(stack.sql, { scopes: ["events:read", "events:write"] });
    const backend = await opened(key, "session=worker-1");
    const { body } = await ticketFor(key);
    const page = await opened(undefined, `ticket=${body.ticket}&session=worker-1`);
    const typing = {
      type: "publish",
      channel: "conversation:b0000000-0000-4000-8000-000000000001",
      event: "typing",
      data: { name: "Olga" },
    };
    expect(await page.ask(typing)).toMatchObject({ type: "error", code: "forbidden" });
    expect((await page.ask(typing)).message).toContain("no ticket");
    // What is withdrawn anywhere has everybody looked at again.
    await stack.sql`update heddle.api_keys set scopes = scopes where revoked_at is null`;
    await page.ask({ type: "subscribe", topic: ALL });
    await tell(null, "after");
    await expect.poll(() => idsOf(page)).toEqual(["after"]);
    expect((await page.ask(typing)).message).toContain("no ticket");
    expect(await backend.ask({ type: "ping" })).toMatchObject({ type: "pong" });
    // Another conversation's than the key's: what it lacks is not the right to publish.
    expect((await backend.ask(typing)).message).not.toContain("no ticket");
  });

  it("is for a connection whose first frame may come at once", async () => {
    const { body } = await ticketFor(stack.eventsKey);
    const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/v1/realtime?ticket=${body.ticket}`);
    const types: string[] = [];
    socket.on("message", (data) => types.push(JSON.parse(String(data)).type));
    socket.on("open", () => socket.send('{"type":"ping"}'));
    await expect.poll(() => types).toEqual(["welcome", "pong"]);
    socket.terminate();
  });

  it.each(["used", "over", "invented"])("that is %s closes the connection", async (what) => {
    const { body } = await ticketFor(stack.eventsKey);
    if (what === "used") await opened(undefined, `ticket=${body.ticket}`);
    if (what === "over") {
      await stack.sql`update heddle.event_tickets set expires_at = now() - interval '1 second'`;
    }
    const ticket = what === "invented" ? "nobodys" : body.ticket;
    const client = await opened(undefined, `ticket=${ticket}`);
    expect(await client.closed).toEqual({ code: 4401, reason: "unauthorized" });
  });

  it("is given to a member and to a key only so often, whoever else asks", async () => {
    const [busy, other] = [await member(), await member()];
    const key = await makeEventKey(stack.sql, { scopes: ["events:read"] });
    for (const token of [busy.token, key]) {
      const asked = await Promise.all(Array.from({ length: 20 }, () => ticketFor(token)));
      expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]));
      await drainBuckets(stack.sql);
      const { status, retryAfter, body } = await ticketFor(token);
      expect({ status, body }).toEqual({
        status: 429,
        body: { error: { code: "rate_limited", message: "Wait, then try again." } },
      });
      expect(Number(retryAfter)).toBeGreaterThan(0);
    }
    expect((await ticketFor(other.token)).status).toBe(200);
    expect((await ticketFor(await makeEventKey(stack.sql, { scopes: ["events:read"] }))).status).toBe(200);
    await stack.sql`delete from heddle.rate_buckets`;
  });

  it("is given to nobody without access", async () => {
    expect((await ticketFor("hdl_unknown")).status).toBe(401);
    expect((await ticketFor((await member({ isMember: false })).token)).status).toBe(403);
  });

  it("is kept by its hash alone, and logged by nobody", async () => {
    const { body } = await ticketFor(stack.eventsKey);
    const rows = await stack.sql`select event_tickets::text as row from heddle.event_tickets`;
    expect(JSON.stringify(rows)).not.toContain(body.ticket);
    expect(gateway.logged.join()).not.toContain(body.ticket);
  });
});

describe("who reads what", () => {
  it("is for an agent's key and an agent's operator that agent, live and from the log", async () => {
    const key = await makeEventKey(stack.sql, { agentId: OTHER_AGENT });
    const clients = await Promise.all(
      [key, (await member({ agents: [OTHER_AGENT] })).token].map((token) => opened(token)),
    );
    const cursors = await Promise.all(clients.map((client) => client.ask({ type: "subscribe", topic: ALL })));
    await tell(DEMO_AGENT.id, "foreign");
    await tell(null, "of-all");
    await tell(OTHER_AGENT, "own");
    for (const [at, token] of [key].entries()) {
      await expect.poll(() => idsOf(clients[at] as GatewayClient)).toEqual(["own"]);
      const again = await opened(token);
      await again.ask({ type: "subscribe", topic: ALL, since: cursors[at]?.cursor });
      await expect.poll(() => idsOf(again)).toEqual(["own"]);
    }
    await expect.poll(() => idsOf(clients[1] as GatewayClient)).toEqual(["own"]);
  });

  it("ends with the key", async () => {
    const key = await makeEventKey(stack.sql);
    const client = await opened(key);
    await client.ask({ type: "subscribe", topic: ALL });
    await stack
      .sql`update heddle.api_keys set revoked_at = now() where key_hash = encode(sha256(${key}::bytea), 'hex')`;
    expect(await client.closed).toEqual({ code: 4403, reason: "removed" });
  });

  it("ends with the membership, and shrinks with it", async () => {
    const piet = await member();
    const [client, witness] = await Promise.all([opened(piet.token), opened(await makeEventKey(stack.sql))]);
    for (const each of [client, witness]) await each.ask({ type: "subscribe", topic: ALL });
    await tell(null, "heard");
    await expect.poll(() => idsOf(client)).toEqual(["heard"]);
    await stack.sql`update heddle.members set every_agent = false where user_id = ${piet.id}`;
    // Until it has asked again it may send what was told before.
    await expect.poll(async () => {
      const [before, seen] = [client, witness].map((each) => each.events().length);
      await tell(null, "probe");
      await expect.poll(() => witness.events().length, { interval: 5 }).toBeGreaterThan(seen ?? 0);
      await client.ask({ type: "ping" });
      return client.events().length - (before ?? 0);
    }).toBe(0);
    await stack.sql`delete from heddle.members where user_id = ${piet.id}`;
    expect(await client.closed).toEqual({ code: 4403, reason: "removed" });
  });
});

describe("whoever waits for the answer of a request", () => {
  const wait = async (token: string) => {
    const ask = (query: string) =>
      fetch(`${gateway.url}/v1/events?${query}`, { headers: { authorization: `Bearer ${token}` } });
    const { cursor } = await (await ask("")).json() as { cursor: string };
    const { subscribers } = gateway.counts();
    const answer = ask(`since=${cursor}&wait=20`);
    await expect.poll(() => gateway.counts().subscribers, { interval: 5 }).toBe((subscribers ?? 0) + 1);
    return answer;
  };
  const told = async (answer: Response) => {
    const { error, events } = await answer.json() as { error?: { code: string }; events?: unknown[] };
    return { status: answer.status, code: error?.code, events };
  };

  it("is refused once the key is revoked, without what was written afterwards", async () => {
    const key = await makeEventKey(stack.sql);
    const waiting = wait(key);
    await expect.poll(() => gateway.counts().connections).toBe(1);
    await stack
      .sql`update heddle.api_keys set revoked_at = now() where key_hash = encode(sha256(${key}::bytea), 'hex')`;
    await tell(null, "afterwards");
    expect(await told(await waiting)).toEqual({ status: 401, code: "invalid_api_key", events: undefined });
  });

  it("is refused once they are dismissed, and gets no more than they may read by then", async () => {
    const piet = await member();
    const waiting = wait(piet.token);
    await expect.poll(() => gateway.counts().connections).toBe(1);
    await stack.sql`delete from heddle.members where user_id = ${piet.id}`;
    expect(await told(await waiting)).toEqual({ status: 403, code: "forbidden", events: undefined });
    expect(gateway.counts()).toMatchObject({ connections: 0, subscribers: 0, readers: 0 });
  });
});

it("a newer connection of the same session takes the place of the older one", async () => {
  const first = await opened(stack.eventsKey, "session=worker-1");
  const other = await opened(await makeEventKey(stack.sql), "session=worker-1");
  const second = await opened(stack.eventsKey, "session=worker-1");
  expect(await first.closed).toEqual({ code: 4409, reason: "replaced" });
  expect(await second.ask({ type: "ping" })).toMatchObject({ type: "pong" });
  expect(await other.ask({ type: "ping" })).toMatchObject({ type: "pong" });
});

it("health, readiness and counters are answered, and nothing else", async () => {
  const get = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${gateway.url}${path}`, init);
    return { status: answer.status, body: await answer.json() };
  };
  expect(await get("/healthz")).toEqual({ status: 200, body: { status: "ok" } });
  expect(await get("/readyz")).toEqual({ status: 200, body: { status: "ready" } });
  expect((await get("/metrics")).body).toMatchObject({
    connections: expect.any(Number),
    reads: expect.any(Number),
  });
  expect(await get("/nothing")).toMatchObject({ status: 404, body: { error: { code: "item_not_found" } } });
  expect(await get("/v1/tickets")).toMatchObject({
    status: 405,
    body: { error: { code: "method_not_allowed" } },
  });
  for (const path of ["/healthz", "/readyz", "/metrics", "/v1/events"]) {
    const answer = await fetch(`${gateway.url}${path}`, {
      method: "HEAD",
      headers: { accept: "text/event-stream", authorization: `Bearer ${stack.eventsKey}` },
    });
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, ""]);
  }
  const refused = await fetch(`${gateway.url}/healthz`, { method: "POST" });
  expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  await addEvent(stack.sql, "last");
  expect(gateway.logged).toEqual([]);
});

it("an upgrade with wrong keys without end is refused by rate", async () => {
  const statuses = new Set<number>();
  for (let n = 0; n < 300 && !statuses.has(429); n++) statuses.add(await statusOf(`hdl_guess_${n}`));
  expect([...statuses]).toEqual([401, 429]);
  expect(await statusOf(stack.eventsKey)).toBe(101);
});
