import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";

const THINGS = `events.${DEMO_ORG}.test.thing.*.*`;
const FOREIGN = "events.c0000000-0000-4000-8000-000000000009.*.*.*.*";

let database: TestDatabase;
let gateway: TestGateway;
let key: string;
let ending = new AbortController();
beforeAll(async () => {
  database = await createDatabase();
  key = await makeEventKey(database.sql);
  gateway = await startTestGateway({ databaseUrl: database.url });
});
afterEach(() => {
  ending.abort();
  ending = new AbortController();
});
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

const tell = (resourceId: string) => addEvent(database.sql, resourceId);
const ask = (query: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/v1/events?${query}`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
    signal: ending.signal,
  });
const page = async (query: string) => {
  const answer = await ask(query);
  expect(answer.status).toBe(200);
  const { events, cursor } = await answer.json() as { events: { topic: string }[]; cursor: string };
  return { ids: events.map(({ topic }) => topic.split(".").at(-1)), cursor };
};

/** As a browser's EventSource reads it. */
async function listen(query: string, headers: Record<string, string> = {}) {
  const answer = await ask(query, { accept: "text/event-stream", ...headers });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const heard = { ids: [] as (string | undefined)[], lastEventId: "", text: "", isOver: false };
  (async () => {
    let rest = "";
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      rest += new TextDecoder().decode(chunk);
      heard.text += new TextDecoder().decode(chunk);
      const blocks = rest.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const [, id] = /^id: (.*)$/m.exec(block) ?? [];
        const [, data] = /^data: (.*)$/m.exec(block) ?? [];
        if (id !== undefined) heard.lastEventId = id;
        if (data !== undefined) heard.ids.push(JSON.parse(data).topic?.split(".").at(-1));
      }
    }
    heard.isOver = true;
  })().catch(() => heard.isOver = true);
  return heard;
}

describe("server-sent events", () => {
  it("come as they happen, each with the cursor as its id, and go on after the last one", async () => {
    const first = await listen(`topic=${THINGS}`);
    await expect.poll(() => first.lastEventId).not.toBe("");
    expect(first.text).toMatch(/^retry: [1-4]\d{3}\n\n/);
    await tell("heard");
    await expect.poll(() => first.ids).toEqual(["heard"]);
    ending.abort();
    await expect.poll(() => first.isOver).toBe(true);
    ending = new AbortController();
    await tell("missed");
    const second = await listen(`topic=${THINGS}`, { "last-event-id": first.lastEventId });
    await tell("live");
    await expect.poll(() => second.ids).toEqual(["missed", "live"]);
    expect(second.lastEventId).not.toBe(first.lastEventId);
  });

  it("of all that the key may read come where nothing is named", async () => {
    const heard = await listen("");
    await tell("anything");
    await expect.poll(() => heard.ids).toEqual(["anything"]);
  });

  it("need a ticket where no header can be set", async () => {
    const answer = await fetch(`${gateway.url}/v1/tickets`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
    });
    const { ticket } = await answer.json() as { ticket: string };
    const first = await fetch(`${gateway.url}/v1/events?ticket=${ticket}`, { signal: ending.signal });
    expect(first.status).toBe(200);
    expect((await fetch(`${gateway.url}/v1/events?ticket=${ticket}`)).status).toBe(401);
  });

  it("end with the key", async () => {
    const own = await makeEventKey(database.sql);
    const heard = await listen("", { authorization: `Bearer ${own}` });
    await database
      .sql`update heddle.api_keys set revoked_at = now() where key_hash = encode(sha256(${own}::bytea), 'hex')`;
    await expect.poll(() => heard.isOver).toBe(true);
    expect(heard.text).toContain(`event: error\ndata: {"type":"error","code":"removed"`);
  });

  it("leave nothing behind when whoever reads goes", async () => {
    await listen("");
    await expect.poll(() => gateway.counts().subscriptions).toBe(1);
    ending.abort();
    await expect.poll(() => gateway.counts()).toMatchObject({ connections: 0, subscribers: 0, trieNodes: 0 });
  });
});

describe("asking for events", () => {
  it("answers with what came after the cursor, page by page", async () => {
    const { ids, cursor } = await page("");
    expect(ids).toEqual([]);
    for (const id of ["a", "b", "c"]) await tell(id);
    const first = await page(`since=${cursor}&limit=2`);
    expect(first.ids).toEqual(["a", "b"]);
    const second = await page(`since=${first.cursor}`);
    expect(second.ids).toEqual(["c"]);
    expect((await page(`since=${second.cursor}`)).ids).toEqual([]);
  });

  it("waits for the next one, and no longer", async () => {
    const { cursor } = await page("");
    const from = performance.now();
    const waiting = page(`since=${cursor}&wait=20&topic=${THINGS}`);
    await expect.poll(() => gateway.counts().subscribers, { interval: 5 }).toBe(1);
    await tell("awaited");
    expect((await waiting).ids).toEqual(["awaited"]);
    expect(performance.now() - from).toBeLessThan(19_000);
    expect(gateway.counts()).toMatchObject({ subscribers: 0, trieNodes: 0 });
  });

  it("waits for what is named only", async () => {
    const { cursor } = await page("");
    const waiting = page(`since=${cursor}&wait=1&channel=conversation:${randomUUID()}`);
    await tell("other");
    expect((await waiting).ids).toEqual([]);
  });

  it.each([
    ["since=nonsense", {}, 400, "invalid_request"],
    ["wait=99", {}, 400, "invalid_request"],
    ["limit=1&limit=2", {}, 400, "invalid_request"],
    ["channel=inbox:9", {}, 400, "invalid_request"],
    ["channel=conversation:ABC", {}, 400, "invalid_request"],
    [`topic=${FOREIGN}`, {}, 403, "forbidden"],
    ["", { authorization: "Bearer hdl_unknown" }, 401, "invalid_api_key"],
    ["since=nonsense", { accept: "text/event-stream" }, 400, "invalid_request"],
  ])("%s with %j is answered with %i %s", async (query, headers, status, code) => {
    const answer = await ask(query, headers as Record<string, string>);
    expect({ status: answer.status, code: (await answer.json() as { error: { code: string } }).error.code })
      .toEqual({ status, code });
  });

  it.each(["application/json", "text/event-stream"])(
    "with another log's cursor has expired: %s",
    async (accept) => {
      const { cursor } = await page("");
      const [, snapshot] = Buffer.from(cursor, "base64url").toString().split("~");
      const since = Buffer.from(`0123456789ab~${snapshot}`).toString("base64url");
      const answer = await ask(`since=${since}`, { accept });
      expect({ status: answer.status, body: await answer.json() }).toMatchObject({
        status: 410,
        body: { error: { code: "cursor_expired" } },
      });
      expect(gateway.counts()).toMatchObject({ subscribers: 0, trieNodes: 0 });
    },
  );
});
