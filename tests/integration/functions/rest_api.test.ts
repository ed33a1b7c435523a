import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_ORG, hashOf, makeEventKey } from "../../support/event_readers.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { expectError } from "./support/errors.ts";
import { type Caller, REST_SCOPES, restCaller } from "./support/rest.ts";

const OLGA = "10000000-0000-4000-8000-000000000001";
const SECOND = "a0000000-0000-4000-8000-000000000002";
const FOREIGN = "a0000000-0000-4000-8000-00000000000f";

let stack: TestStack;
let api: Caller;
let foreign: Caller;
beforeAll(async () => {
  stack = await startStack({ storeTab: true });
  await stack.sql`
    insert into heddle.agents (id, org_id, name)
    values (${SECOND}, ${DEMO_ORG}, 'Second'), (${FOREIGN}, ${randomUUID()}, 'Foreign')`;
  await stack.sql`
    insert into heddle.members (org_id, user_id, name, role) values (${DEMO_ORG}, ${OLGA}, 'Olga', 'owner')`;
  const keyOf = (agentId: string) => makeEventKey(stack.sql, { scopes: REST_SCOPES, agentId });
  api = restCaller(stack, await keyOf(stack.agent.id));
  foreign = restCaller(stack, await keyOf(FOREIGN));
});
afterAll(() => stack.stop());

const begin = async (
  visitor: { id: string; name?: string; email?: string } = { id: randomUUID() },
  rest = {},
) => {
  const { body, status } = await api("POST", "/conversations", {
    body: { visitor, message: { body: "Hello" }, ...rest },
  });
  expect(status).toBe(201);
  return body.conversation.id as string;
};
const linesOf = async (id: string) =>
  (await stack.sql`
    select author_name as name, change from heddle.notes where conversation_id = ${id} and change is not null order by id`)
    .map(({ name, change }) => ({ name, ...change }));

describe("conversations", () => {
  it("begin with a message of the team's, and stand in the list of the team and of the visitor", async () => {
    const visitor = { id: "ada/1", name: "Ada", email: "ada@shop.example" };
    const { status, body } = await api("POST", "/conversations", {
      body: {
        visitor,
        page: { title: "Invoices" },
        message: { body: "Your invoice is late.", author: { name: "Billing" } },
      },
    });
    expect(status).toBe(201);
    expect(body.conversation).toMatchObject({
      agentId: stack.agent.id,
      kind: "conversation",
      visitor: { ...visitor, identified: true },
      pageName: "Invoices",
      platform: "API",
      status: "OPEN",
      messageCount: 1,
      lastMessage: { text: "Your invoice is late.", role: "operator" },
      waitingSince: null,
    });
    expect(body.message).toMatchObject({ seq: 1, author: { role: "operator", name: "Billing" } });
    const { id } = body.conversation;
    expect((await api("GET", `/conversations/${id}`)).body).toEqual({ conversation: body.conversation });
    expect((await api("GET", "/conversations?view=unassigned")).body.items).toContainEqual(body.conversation);
    expect((await api("GET", `/conversations?visitorId=${encodeURIComponent("ada/1")}`)).body.items)
      .toEqual([body.conversation]);
    const list = await stack.sql`select heddle_api.store_list(${stack.agent.id}, 'ada/1') as list`;
    expect(list[0]?.list.items).toMatchObject([{ id, unread: 1 }]);
  });

  it("begin with a visitor's message, which waits for an answer", async () => {
    const { body } = await api("POST", "/conversations", {
      body: {
        visitor: { id: "bo" },
        platform: "MAIL",
        message: { body: "Where is it?", author: { role: "visitor" } },
      },
    });
    expect(body.conversation).toMatchObject({
      platform: "MAIL",
      unread: 1,
      waitingSince: body.message.createdAt,
    });
  });

  it("are changed in one go, told as done by the key", async () => {
    const id = await begin();
    const [label] = await stack.sql`
      insert into heddle.labels (agent_id, name) values (${stack.agent.id}, ${id}) returning id`;
    const change = (body: unknown) => api("PATCH", `/conversations/${id}`, { body });
    const { body } = await change({ assigneeId: OLGA, labels: [label?.id], needsHuman: false });
    expect(body.conversation).toMatchObject({ assignee: { id: OLGA, name: "Olga" }, labels: [label?.id] });
    expect((await api("GET", `/conversations?assigneeId=${OLGA}`)).body.items).toContainEqual(
      body.conversation,
    );
    expect((await api("GET", `/conversations?labelId=${label?.id}`)).body.items).toEqual([body.conversation]);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    expect((await change({ status: "SNOOZED", snoozedUntil: until })).body.conversation.status).toBe(
      "SNOOZED",
    );
    expect((await change({ status: "RESOLVED", labels: [] })).body.conversation).toMatchObject({
      status: "RESOLVED",
      snoozedUntil: null,
      labels: [],
    });
    expect((await change({ assigneeId: null, status: "OPEN", needsHuman: true })).body.conversation)
      .toMatchObject({
        assignee: null,
        needsHuman: true,
      });
    const lines = await linesOf(id);
    expect(new Set(lines.map(({ name, by }) => `${by} ${name}`))).toEqual(new Set(["API API test"]));
    expect(lines).toMatchObject([
      { to: { id: OLGA } },
      { status: "SNOOZED" },
      { status: "RESOLVED" },
      { status: "OPEN" },
      { from: { id: OLGA } },
      { needsHuman: true },
    ]);
  });

  it("change wholly or not at all", async () => {
    const id = await begin();
    const body = { status: "RESOLVED", labels: [2_000_000_000] };
    expectError(await api("PATCH", `/conversations/${id}`, { body }), "invalid_request");
    expect((await api("GET", `/conversations/${id}`)).body.conversation.status).toBe("OPEN");
  });

  it("are found by an id in capitals, and a message is added once by a clientId in them", async () => {
    const id = await begin();
    const clientId = randomUUID();
    const path = `/conversations/${id.toUpperCase()}`;
    expect((await api("GET", path)).body.conversation.id).toBe(id);
    for (const sent of [clientId, clientId.toUpperCase()]) {
      const { body } = await api("POST", `${path}/messages`, { body: { body: "Hi", clientId: sent } });
      expect(body.message).toMatchObject({ seq: 2, clientId });
    }
  });

  it("are changed, as their messages are, by ids in capitals", async () => {
    const member = "1a000000-0000-4000-8000-00000000000b";
    await stack.sql`
      insert into heddle.members (org_id, user_id, name, role) values (${DEMO_ORG}, ${member}, 'Abe', 'owner')`;
    const id = await begin();
    const path = `/conversations/${id.toUpperCase()}`;
    const given = await api("PATCH", path, { body: { assigneeId: member.toUpperCase() } });
    expect(given.body.conversation.assignee).toMatchObject({ id: member });
    for (
      const query of [`conversations?assigneeId=${member}`, `notifications?userId=${member}`].map((each) =>
        `/${each}&agentId=${stack.agent.id}`.replaceAll(/[0-9a-f-]{36}/g, (uuid) => uuid.toUpperCase())
      )
    ) {
      expect([query, (await api("GET", query)).status]).toEqual([query, 200]);
    }
    const { body } = await api("PATCH", `${path}/messages/1`, { body: { body: "Hello again" } });
    expect(body.message).toMatchObject({ seq: 1, body: "Hello again" });
  });

  it("come by pages", async () => {
    const visitorId = randomUUID();
    const ids = [];
    for (let n = 0; n < 3; n++) ids.unshift(await begin({ id: visitorId }));
    for (const filter of [`visitorId=${visitorId}`, "view=open"]) {
      const seen: string[] = [];
      let next: string | null = null;
      do {
        const cursor: string = next === null ? "" : `&cursor=${next}`;
        const { body } = await api("GET", `/conversations?${filter}&limit=2${cursor}`);
        seen.push(...body.items.map(({ id }: { id: string }) => id));
        next = body.next;
      } while (next !== null);
      expect(seen.slice(0, 3)).toEqual(ids);
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  it("all come once in the order in which they were begun, whatever happens meanwhile", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) ids.push(await begin());
    const [first, second, third] = ids;
    await api("PATCH", `/conversations/${third}`, { body: { status: "RESOLVED" } });
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const cursor: string = next === null ? "" : `&cursor=${next}`;
      const { body } = await api("GET", `/conversations?order=created&limit=2${cursor}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      next = body.next;
      for (const id of [first, second]) {
        await api("POST", `/conversations/${id}/messages`, { body: { body: "Meanwhile" } });
      }
    } while (next !== null);
    expect(seen.slice(-4)).toEqual(ids);
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("messages", () => {
  it("are written by the team, a bot, the system and the visitor, changed and deleted", async () => {
    const id = await begin({ id: "cy" });
    const path = `/conversations/${id}/messages`;
    const write = async (body: Record<string, unknown>) => (await api("POST", path, { body })).body.message;
    const attachments = [{ url: "https://shop.example/a.png", name: "a.png", size: 7 }];
    const message = await write({ body: "I am Olga", author: { id: OLGA } });
    expect(message).toMatchObject({ seq: 2, author: { role: "operator", id: OLGA, name: "Olga" } });
    expect(await write({ attachments, author: { role: "bot", name: "Robo" } }))
      .toMatchObject({ body: "", attachments, author: { role: "bot", name: "Robo" } });
    await write({ body: "Order 7 was sent.", author: { role: "system" } });
    const said = await write({ body: "Thanks\ud800!", author: { role: "visitor" } });
    expect(said).toMatchObject({ seq: 5, body: "Thanks\ufffd!", author: { role: "visitor" } });

    const edited = await api("PATCH", `${path}/2`, { body: { body: "It's Olga" } });
    expect(edited.body.message).toMatchObject({ seq: 2, body: "It's Olga", editedAt: expect.any(String) });
    expectError(await api("PATCH", `${path}/5`, { body: { body: "Mine" } }), "forbidden");
    expect((await api("DELETE", `${path}/5`)).body.message).toMatchObject({
      body: "",
      deletedAt: expect.any(String),
    });
    expect((await api("DELETE", `${path}/5`)).status).toBe(200);
    expectError(await api("DELETE", `${path}/77`), "item_not_found");

    const page = (await api("GET", `${path}?limit=3`)).body;
    expect(page.items.map(({ seq }: { seq: number }) => seq)).toEqual([3, 4, 5]);
    const older = (await api("GET", `${path}?limit=3&cursor=${page.next}`)).body;
    expect(older.items.map(({ body }: { body: string }) => body)).toEqual(["Hello", "It's Olga"]);
    expect(older.next).toBeNull();
  });

  it("are live in the team's channel and the visitor's as any others are", async () => {
    const id = await begin({ id: "di" });
    await stack.sql`truncate realtime.messages`;
    const seen = await stack.sql.begin(async (sql) => {
      await sql`create temp table heard (topic text) on commit drop`;
      await sql`grant all on heard to public`;
      await sql`create function pg_temp.hear() returns trigger language plpgsql security definer as
        $$ begin insert into pg_temp.heard values (new.topic); return null; end $$`;
      await sql`create trigger hear after insert on realtime.messages for each row execute function pg_temp.hear()`;
      const key = await makeEventKey(stack.sql, { scopes: REST_SCOPES });
      const args = { id, body: "Live" };
      await sql`select heddle_api.rest_call(${hashOf(key)}, 'conversations:write', 'createMessage', ${
        sql.json(args)
      })`;
      const topics = await sql`select topic from pg_temp.heard`;
      await sql`drop trigger hear on realtime.messages`;
      return topics.map(({ topic }) => topic.replace(/-[0-9a-f]{64}$/, ""));
    });
    expect(seen.sort()).toEqual([
      `agent-${stack.agent.id}-inbox-1`,
      `agent-${stack.agent.id}-user-di`,
      `conv-${id}`,
    ]);
  });

  it("are written once for an Idempotency-Key or a clientId, however many send it at once", async () => {
    const id = await begin();
    const path = `/conversations/${id}/messages`;
    const headers = { "idempotency-key": randomUUID() };
    const body = { body: "Once" };
    const answers = await Promise.all(Array.from({ length: 6 }, () => api("POST", path, { body, headers })));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expectError(await api("POST", path, { body: { body: "Another" }, headers }), "conflict");
    const clientId = randomUUID();
    for (let n = 0; n < 2; n++) await api("POST", path, { body: { body: "Named", clientId } });
    expect((await api("GET", path)).body.items.map((each: { body: string }) => each.body))
      .toEqual(["Hello", "Once", "Named"]);
  });
});

describe("a key", () => {
  it("must be there, be good and have the scope", async () => {
    expectError(await restCaller(stack, null)("GET", "/conversations"), "missing_api_key");
    expectError(await restCaller(stack, "hdl_unknown")("GET", "/conversations"), "invalid_api_key");
    expectError(await restCaller(stack, stack.agent.apiKey)("GET", "/conversations"), "forbidden");
    const reader = restCaller(
      stack,
      await makeEventKey(stack.sql, { scopes: ["conversations:read"], agentId: stack.agent.id }),
    );
    expect((await reader("GET", "/conversations")).status).toBe(200);
    const id = await begin();
    expectError(await reader("PATCH", `/conversations/${id}`, { body: { needsHuman: true } }), "forbidden");
    expectError(await reader("GET", "/rooms"), "forbidden");
  });

  it("of another organisation finds nothing, and changes nothing", async () => {
    const id = await begin({ id: "eve" });
    expectError(await foreign("GET", `/conversations/${id}`), "item_not_found");
    expectError(
      await foreign("PATCH", `/conversations/${id}`, { body: { status: "RESOLVED" } }),
      "item_not_found",
    );
    expectError(await foreign("GET", `/conversations/${id}/messages`), "item_not_found");
    expectError(
      await foreign("POST", `/conversations/${id}/messages`, { body: { body: "x" } }),
      "item_not_found",
    );
    expectError(await foreign("DELETE", `/conversations/${id}/messages/1`), "item_not_found");
    expectError(await foreign("GET", `/conversations?agentId=${stack.agent.id}`), "agent_not_found");
    expect((await api("GET", `/conversations/${id}`)).body.conversation.status).toBe("OPEN");
    expect((await api("GET", `/conversations/${id}/messages`)).body.items).toHaveLength(1);
  });

  it("of a whole organisation says which agent it means where that matters", async () => {
    const all = restCaller(stack, await makeEventKey(stack.sql, { scopes: REST_SCOPES }));
    expectError(await all("GET", "/conversations"), "invalid_request");
    expect((await all("GET", `/conversations?agentId=${SECOND}`)).body.items).toEqual([]);
    expectError(await all("GET", `/conversations?agentId=${FOREIGN}`), "agent_not_found");
    const id = await begin();
    expect((await all("GET", `/conversations/${id}`)).status).toBe(200);
  });
});

describe("a request", () => {
  it.each<[string, unknown, string]>([
    ["/conversations", { message: { body: "x" } }, "visitor"],
    ["/conversations", { visitor: { id: "" }, message: { body: "x" } }, "visitor.id"],
    ["/conversations", { visitor: { id: "x" }, message: { body: "a\0" } }, "message.body"],
    ["/conversations", { visitor: { id: "x" }, message: { body: "x" }, platform: "mail" }, "platform"],
    ["/conversations", { visitor: { id: "x" }, message: { text: "x" } }, "message"],
    [
      "/conversations",
      { visitor: { id: "x", email: "a@b.c,x@y.z" }, message: { body: "x" } },
      "visitor.email",
    ],
    [
      "/rooms",
      { name: "x", participants: [{ role: "visitor", id: "x", email: "a@b.c\r\nBcc: x@y.z" }] },
      "participants.0.email",
    ],
  ])("is refused where it breaks the schema: %s %j", async (path, body, issue) => {
    const answer = await api("POST", path, { body });
    expectError(answer, "invalid_request");
    expect(answer.body.error.issues.map((each: { path: string }) => each.path)).toContain(issue);
  });

  it.each([
    "/conversations?limit=0",
    "/conversations?limit=101",
    "/conversations?cursor=x",
    "/conversations?view=mine",
    "/conversations?order=created&labelId=1",
    "/conversations?order=created&view=open",
    "/conversations?view=resolved&labelId=1",
    "/conversations?vew=open",
    "/conversations?labelId=1&visitorId=2",
    "/conversations?agentId=7",
    "/conversations?view=open&view=resolved",
  ])("is refused for what it can't mean: %s", async (path) => {
    expectError(await api("GET", path), "invalid_request");
  });

  it.each([
    "",
    "/conversation",
    "/conversations/7",
    "/conversations/%00",
    "/conversations/%ff",
    "/visitors/a/b",
  ])(
    "finds nothing where nothing can be: %s",
    async (path) => {
      expectError(await api("GET", path), "item_not_found");
    },
  );

  it("with a method that a path does not have is told which it has", async () => {
    const answer = await api("DELETE", "/conversations");
    expectError(answer, "method_not_allowed");
    expect(answer.headers.get("allow")).toBe("GET, HEAD, POST");
    expect(answer.body.error.message).toBe("Use GET or POST.");
    const other = await api("PUT", "/notifications/x");
    expect(other.body.error.message).toBe("Use PATCH.");
    expect(other.headers.get("allow")).toBe("PATCH");
  });

  it("as HEAD is answered as GET, without a body", async () => {
    const key = await makeEventKey(stack.sql, { scopes: REST_SCOPES, agentId: stack.agent.id });
    const head = async (path: string) => {
      const answer = await fetch(`${stack.apiUrl}/functions/v1/api${path}`, {
        method: "HEAD",
        headers: { "x-api-key": key },
      });
      return [answer.status, answer.headers.get("content-type"), await answer.text()];
    };
    expect(await head("/conversations")).toEqual([200, "application/json; charset=utf-8", ""]);
    expect(await head(`/conversations/${randomUUID()}`)).toEqual([
      404,
      "application/json; charset=utf-8",
      "",
    ]);
  });
});
