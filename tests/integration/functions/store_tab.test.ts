import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BROWSER_KEYS } from "../../support/push_subscriptions.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { newUser, signedIn } from "../local/auth_client.ts";
import { expectError } from "./support/errors.ts";
import {
  type Answer,
  callFunction,
  postJson,
  signIn,
  validateWidget,
  type Visitor,
} from "./support/visitor.ts";

const PAGE_ORIGIN = "http://127.0.0.1:29999";
const BROWSER = { endpoint: "https://push.example/1", keys: BROWSER_KEYS };
const NOBODYS = "d0000000-0000-4000-8000-000000000001";

let stack: TestStack;
let tabId: string;
let ann: Visitor;
let ben: Visitor;
/** Calls a function as a member of the team who has signed in. */
let operator: (name: string, args: Record<string, unknown>) => Promise<unknown>;

beforeAll(async () => {
  stack = await startStack({ ownerUrl: PAGE_ORIGIN, storeTab: true });
  tabId = stack.tabs.store;
  ann = await signIn(stack, PAGE_ORIGIN, { sub: "ann", name: "Ann", email: "ann@shop.example" });
  ben = await signIn(stack, PAGE_ORIGIN, { sub: "ben" });
  const { id, email } = await newUser(stack);
  await stack.sql`select heddle_api.invite_member(${stack.agent.id}, ${id}, 'Olga', ${email})`;
  const client = await signedIn(stack, email);
  operator = async (name, args) => {
    const { data, error } = await client.schema("heddle_api").rpc(name, args);
    expect(error).toBeNull();
    return data;
  };
});

afterAll(() => stack.stop());

// One visitor may not write as often as all these tests do.
beforeEach(async () => void await stack.sql`delete from heddle.rate_buckets`);

const act = (visitor: Visitor, action: string, fields: Record<string, unknown>) =>
  visitor.tabAction({ action, tabId, ...fields });

async function write(visitor: Visitor, body: string, itemId?: string): Promise<Answer> {
  return await act(visitor, "create_item", { itemId, clientId: randomUUID(), body });
}

/** A new conversation of Ann's: its id. */
async function begin(body = "Hello"): Promise<string> {
  const { body: answer } = await write(ann, body);
  return answer.item?.id ?? "";
}

const open = (itemId: string, more = {}) => act(ann, "item_clicked", { itemId, ...more });

function contentName(base: string): string {
  const key = createHmac("sha256", stack.agent.signingSecret).update("content").digest("hex");
  return `${base}-${createHmac("sha256", key).update(base).digest("hex")}`;
}

describe("a store tab", () => {
  it("is one of the tabs that the widget is told of", () => {
    expect(ann.validated.tabs.find(({ id }) => id === tabId)).toMatchObject({
      source: "store",
      actions: ["get_items", "item_clicked", "create_item", "update_item"],
    });
  });

  it("begins a conversation once for each client id, with the visitor's name and page", async () => {
    const page = { title: "Ferns", url: "https://shop.example/ferns", locale: "en", timeZone: "UTC" };
    const request = { clientId: randomUUID(), body: "Do you sell ferns?", page };
    const [first, again] = [await act(ann, "create_item", request), await act(ann, "create_item", request)];
    expect(first.status).toBe(200);
    expect(again.body).toEqual(first.body);
    const id = first.body.item?.id;
    expect(first.body).toMatchObject({
      entry: { id: "1", clientId: request.clientId, author: { role: "visitor" }, body: request.body },
      item: { preview: request.body, unread: 0, status: "OPEN" },
      conversationChannel: contentName(`conv-${id}`),
      seq: 1,
    });
    const thread = await operator("inbox_thread", { p_conversation_id: id });
    expect(thread).toMatchObject({ visitor: { name: "Ann", email: "ann@shop.example", page } });
    const next = { ...page, title: "Mosses" };
    await act(ann, "create_item", { itemId: id, clientId: randomUUID(), body: "And mosses?", page: next });
    expect(await operator("inbox_thread", { p_conversation_id: id })).toMatchObject({
      visitor: { page: next },
    });
  });

  it("lists the visitor's own conversations by pages, on the content channel", async () => {
    for (let count = 0; count < 21; count++) await begin(`Question ${count}`);
    const first = await ann.tabFetch(`tabId=${tabId}`);
    expect(first.body.listChannel).toBe(contentName(`agent-${stack.agent.id}-user-ann`));
    expect(first.body.items?.map(({ preview }) => preview).slice(0, 2)).toEqual([
      "Question 20",
      "Question 19",
    ]);
    const second = await ann.tabFetch(`tabId=${tabId}&cursor=${first.body.nextCursor}`);
    expect(second.body.items?.[0]?.preview).toBe("Question 0");
    const others = await ben.tabFetch(`tabId=${tabId}`);
    expect(others.body).toEqual({
      items: [],
      listChannel: contentName(`agent-${stack.agent.id}-user-ben`),
    });
  });

  it("answers 304 while the list is the same", async () => {
    await begin();
    const { headers } = await ann.tabFetch(`tabId=${tabId}`);
    const known = { "if-none-match": headers.get("etag") ?? "" };
    expect((await ann.tabFetch(`tabId=${tabId}`, known)).status).toBe(304);
    await begin();
    expect((await ann.tabFetch(`tabId=${tabId}`, known)).status).toBe(200);
  });

  it("answers a thread by pages, oldest first", async () => {
    const id = await begin("1");
    await stack.sql`
      insert into heddle.messages (conversation_id, role, body)
      select ${id}, 'operator', n::text from generate_series(2, 60) n`;
    const newest = await open(id);
    expect(newest.body.entries?.map(({ body }) => body)).toEqual(
      Array.from({ length: 50 }, (_, at) => `${at + 11}`),
    );
    expect(newest.body).toMatchObject({
      item: { id, unread: 59 },
      seq: 60,
      readSeqs: { visitor: 0, team: 0 },
      conversationChannel: contentName(`conv-${id}`),
    });
    const older = await open(id, { cursor: newest.body.nextCursor });
    expect(older.body.entries?.map(({ body }) => body)).toEqual(
      Array.from({ length: 10 }, (_, at) => `${at + 1}`),
    );
    expect(older.body.nextCursor).toBeUndefined();
  });

  it("answers only what changed after a number, or that it was too much", async () => {
    const id = await begin("Hello");
    await write(ann, "Anybody there?", id);
    await operator("inbox_post", { p_conversation_id: id, p_client_id: randomUUID(), p_body: "Yes" });
    await act(ann, "update_item", { itemId: id, entryId: "1", changes: { body: "Hello!" } });
    const { body } = await open(id, { after: 2 });
    expect(body.entries?.map(({ id, body }) => [id, body])).toEqual([["1", "Hello!"], ["3", "Yes"]]);
    expect(body.seq).toBe(4);
    expect((await open(id, { after: 4 })).body).toMatchObject({ entries: [], seq: 4 });
    expect((await open(id, { after: 5 })).body).toEqual({ tooMany: true, seq: 4 });
  });

  it("lets a visitor change and delete their own messages, and nobody else's", async () => {
    const id = await begin("Helo");
    await operator("inbox_post", { p_conversation_id: id, p_client_id: randomUUID(), p_body: "Hi" });
    const edited = await act(ann, "update_item", { itemId: id, entryId: "1", changes: { body: "Hello" } });
    expect(edited.body).toMatchObject({ entry: { id: "1", body: "Hello", editedAt: expect.any(String) } });
    const removed = await act(ann, "delete_item", { itemId: id, entryId: "1" });
    expect(removed.body).toEqual({ deleted: true });
    expect((await open(id)).body.entries).toMatchObject([
      { id: "1", body: "", deletedAt: expect.any(String) },
      { id: "2", body: "Hi", author: { role: "operator", name: "Olga" } },
    ]);
    expectError(
      await act(ann, "update_item", { itemId: id, entryId: "2", changes: { body: "Bye" } }),
      "item_not_found",
    );
    expectError(await act(ben, "delete_item", { itemId: id, entryId: "1" }), "item_not_found");
    expectError(await act(ann, "delete_item", { itemId: id }), "action_not_enabled");
  });

  it("refuses a visitor's correction of what another page of theirs has changed meanwhile", async () => {
    const id = await begin("Helo");
    const version = (await open(id)).body.entries?.[0]?.createdAt;
    const correct = (body: string, seen = version) =>
      act(ann, "update_item", { itemId: id, entryId: "1", changes: { body, version: seen } });
    const { body } = await correct("Hello");
    expectError(await correct("Hallo"), "conflict");
    expect((await correct("Hallo", body.entry?.editedAt)).body.entry?.body).toBe("Hallo");
    for (const seen of ["yesterday", "0000-01-01T00:00:00Z", "2026-12-31T00:00:00+23:59"]) {
      expectError(await correct("Hello", seen), "invalid_request");
    }
  });

  it("tells the team how far a visitor has come, and the visitor how far the team has", async () => {
    const id = await begin();
    for (const body of ["One", "Two"]) {
      await operator("inbox_post", { p_conversation_id: id, p_client_id: randomUUID(), p_body: body });
    }
    await operator("inbox_read", { p_conversation_id: id, p_seq: 1 });
    await act(ann, "update_item", { itemId: id, entryId: "3", changes: { delivered: true } });
    await act(ann, "update_item", { itemId: id, entryId: "2", changes: { read: true } });
    expect((await open(id)).body).toMatchObject({
      item: { unread: 1 },
      readSeqs: { visitor: 2, team: 1 },
      deliveredSeqs: { visitor: 3, team: 1 },
    });
    await act(ann, "update_item", { itemId: id, changes: { read: true } });
    expect((await open(id)).body.item?.unread).toBe(0);
  });

  it("keeps what anonymous visitors say of themselves and that they want a human", async () => {
    const call = await anonymous();
    const begun = await call("create_item", { clientId: randomUUID(), body: "Hello" });
    const itemId = begun.body.item?.id ?? "";
    const asked = await call("update_item", { itemId, changes: { needsHuman: true } });
    expect(asked.body.item?.fields).toEqual({ needsHuman: true, asked: true });
    expect((await call("item_clicked", { itemId })).body.item?.fields).toEqual({
      needsHuman: true,
      asked: true,
    });
    await call("update_item", { itemId, changes: { visitor: { name: "Ann B.", email: null } } });
    expect(await operator("inbox_thread", { p_conversation_id: itemId })).toMatchObject({
      row: { needsHuman: true },
      visitor: { name: "Ann B.", email: null },
    });
  });

  it("takes one email address for an anonymous visitor's, and nothing else", async () => {
    const call = await anonymous();
    const { body } = await call("create_item", { clientId: randomUUID(), body: "Hello" });
    const itemId = body.item?.id ?? "";
    const say = (email: string) => call("update_item", { itemId, changes: { visitor: { email } } });
    const none = [
      "anna@y.example?bcc=eve@z.example",
      "anna@y.example&body=x",
      "a@b@c.example",
      "anna y@z.example",
      "Anna <anna@y.example>",
      "\u202eanna@y.example",
      "anna",
      `${"a".repeat(320)}@y.example`,
    ];
    for (const email of none) expectError(await say(email), "invalid_request");
    expect((await say(" anna+fern@y.example ")).status).toBe(200);
    expect(await operator("inbox_thread", { p_conversation_id: itemId })).toMatchObject({
      visitor: { email: "anna+fern@y.example" },
    });
  });

  it("takes the name of who has signed in from the owner's token only", async () => {
    const itemId = await begin();
    const changes = { visitor: { name: "The boss", email: "boss@shop.example" } };
    expectError(await act(ann, "update_item", { itemId, changes }), "action_not_enabled");
    expect(await operator("inbox_thread", { p_conversation_id: itemId })).toMatchObject({
      visitor: { name: "Ann", email: "ann@shop.example" },
    });
  });

  it("keeps a browser that is to tell its visitor of answers, until they want it no longer", async () => {
    const itemId = await begin();
    const push = (push: unknown, visitor = ann) => act(visitor, "update_item", { itemId, changes: { push } });
    const kept = () =>
      stack.sql`
        select end_user_id, endpoint from heddle.visitor_devices device
        join heddle.visitors visitor on visitor.id = visitor_id`;
    expect((await push(BROWSER)).status).toBe(200);
    expect(await kept()).toMatchObject([{ end_user_id: "ann", endpoint: BROWSER.endpoint }]);
    await push({ ...BROWSER, keys: null }, ben);
    expect(await kept()).toHaveLength(1);
    for (
      const wrong of [
        { ...BROWSER, endpoint: "ftp://push.example" },
        { ...BROWSER, endpoint: `https://push.example/${"a".repeat(2000)}` },
        { ...BROWSER, endpoint: "http://127.0.0.1:56901/1" },
        { ...BROWSER, endpoint: "https://user:secret@push.example/1" },
        { ...BROWSER, endpoint: "https://push.example:8443/1" },
        { ...BROWSER, endpoint: "https://169.254.169.254/1" },
        { ...BROWSER, keys: { ...BROWSER.keys, auth: "a" } },
        { ...BROWSER, keys: { ...BROWSER.keys, p256dh: "B".repeat(87) } },
        { endpoint: BROWSER.endpoint },
      ]
    ) expectError(await push(wrong), "invalid_request");
    await push({ ...BROWSER, keys: null });
    expect(await kept()).toHaveLength(0);
  });

  it("keeps what the owner's token says beside name and address, as the newest has it, and tells no browser", async () => {
    const signed = (sub: string, attributes?: unknown) => signIn(stack, PAGE_ORIGIN, { sub, attributes });
    const kept = async () => {
      const [row] = await stack.sql`select attributes from heddle.visitors where end_user_id = 'cleo'`;
      return row?.attributes;
    };
    const cleo = await signed("cleo", { plan: "Pro", orders: 7, nested: {} });
    expect(cleo.validated.endUser).toEqual({ id: "cleo", anonymous: false });
    const { body } = await write(cleo, "Hello");
    expect(await kept()).toEqual({ plan: "Pro", orders: 7 });
    const itemId = body.item?.id;
    // Nobody may say it of themselves.
    const changes = { visitor: { attributes: { plan: "Free" } } };
    expectError(await act(cleo, "update_item", { itemId, changes }), "invalid_request");

    const again = async (attributes?: unknown) => {
      await stack.sql`delete from heddle.leases`;
      await act(await signed("cleo", attributes), "item_clicked", { itemId });
      return await kept();
    };
    expect(await again()).toEqual({ plan: "Pro", orders: 7 });
    expect(await again({ plan: "Team" })).toEqual({ plan: "Team" });
    expect(await operator("inbox_thread", { p_conversation_id: itemId })).toMatchObject({
      visitor: { attributes: { plan: "Team" } },
    });
    const [exported] = await stack.sql`select heddle_api.store_export(${stack.agent.id}, 'cleo') as told`;
    expect(exported?.told.endUser.attributes).toEqual({ plan: "Team" });
    const told = await stack.sql`
      select data -> 'attributes' as attributes from heddle.events
      where type = 'user:updated' and data ->> 'user_id' like '%/cleo' order by pos`;
    expect(told.map(({ attributes }) => attributes)).toEqual([{ plan: "Team" }]);
    expect(await again({})).toEqual({});
  });

  it("hears nothing from a token that was issued before the one that it heard last", async () => {
    const now = Math.floor(Date.now() / 1000);
    const signed = (plan: string, iat: number) =>
      signIn(stack, PAGE_ORIGIN, { sub: "eli", name: plan, attributes: { plan }, iat });
    const kept = async () => {
      const [row] = await stack.sql`select name, attributes from heddle.visitors where end_user_id = 'eli'`;
      return row;
    };
    // Issued after all others: by a clock that is ahead of ours.
    const [older, newer, ahead] = [
      await signed("Pro", now - 500),
      await signed("Free", now - 10),
      await signed("Team", now + 1e6),
    ];
    const { body } = await write(newer, "Hello");
    for (const session of [older, newer]) {
      await stack.sql`delete from heddle.leases`;
      await write(session, "Again", body.item?.id);
      expect(await kept()).toEqual({ name: "Free", attributes: { plan: "Free" } });
    }
    await write(ahead, "And again", body.item?.id);
    const [row] = await stack.sql`
      select said_at <= now() as is_past from heddle.visitors where end_user_id = 'eli'`;
    expect([await kept(), row?.is_past]).toEqual([{ name: "Team", attributes: { plan: "Team" } }, true]);
  });

  it("keeps the numbers of a token that can be written out, of as many as there may be", async () => {
    const numbers = (value: number) =>
      Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${n}`, value]));
    const kept = async () => {
      const [row] = await stack.sql`select attributes from heddle.visitors where end_user_id = 'dot'`;
      return row?.attributes;
    };
    const longest = 1.2345678901234567e-20;
    const { body } = await write(
      await signIn(stack, PAGE_ORIGIN, { sub: "dot", attributes: numbers(longest) }),
      "Hello",
    );
    expect(await kept()).toEqual(numbers(longest));
    const tiny = { sub: "dot", attributes: { ...numbers(5e-324), plan: "Pro" } };
    await stack.sql`delete from heddle.leases`;
    expect(
      (await act(await signIn(stack, PAGE_ORIGIN, tiny), "item_clicked", { itemId: body.item?.id })).status,
    )
      .toBe(200);
    expect(await kept()).toEqual({ plan: "Pro" });
  });

  it("keeps which language they read, and takes a message whose language tag is odd", async () => {
    const reads = async (language: unknown) => {
      const request = { clientId: randomUUID(), body: "Hello", language };
      expect((await act(ben, "create_item", request)).status).toBe(200);
      const [row] = await stack.sql`select language from heddle.visitors where end_user_id = 'ben'`;
      return row?.language;
    };
    expect(await reads(undefined)).toBeNull();
    expect(await reads("de-AT")).toBe("de");
    for (const odd of ["", "ja", "x".repeat(65), "\0", 7, null]) expect(await reads(odd)).toBe("de");
    expect(await reads("fr")).toBe("fr");
  });

  it("keeps the longest page that a request may name", async () => {
    const page = {
      title: "\u0001".repeat(200),
      url: `https://shop.example/${"鉢".repeat(2027)}`,
      locale: "\u0001".repeat(64),
      timeZone: "\u0001".repeat(64),
    };
    const { status } = await act(ann, "create_item", { clientId: randomUUID(), body: "Hello", page });
    expect(status).toBe(200);
  });

  it("takes two signs of typing at once and then refuses more, but no message", async () => {
    const id = await begin();
    const typing = () => act(ann, "typing", { itemId: id });
    expect([await typing(), await typing()]).toMatchObject([{ status: 200, body: {} }, { status: 200 }]);
    await stack
      .sql`update heddle.rate_buckets set full_at = clock_timestamp() + interval '1 hour' where mode = 'typing'`;
    expectError(await typing(), "rate_limited");
    expect((await write(ann, "Done", id)).status).toBe(200);
  });

  it("charges receipts as reads: they come by themselves while somebody reads", async () => {
    const itemId = await begin();
    await stack.sql`delete from heddle.rate_buckets`;
    await act(ann, "update_item", { itemId, changes: { delivered: true } });
    await act(ann, "update_item", { itemId, changes: { read: true } });
    const modes = await stack.sql`select distinct mode from heddle.rate_buckets`;
    expect(modes.map(({ mode }) => mode)).toEqual(["read"]);
  });

  it.each(["visitor", "address"])("is used so much and no more by a %s, whatever for", async (subject) => {
    const itemId = await begin();
    const requests: [string, Record<string, unknown>][] = [
      ["item_clicked", { itemId }],
      ["item_clicked", { itemId, after: 0 }],
      ["create_item", { clientId: randomUUID(), body: "One more conversation" }],
      ["create_item", { itemId, clientId: randomUUID(), body: "One more message" }],
      ["update_item", { itemId, entryId: "1", changes: { body: "Edited" } }],
      ["update_item", { itemId, changes: { read: true } }],
      ["update_item", { itemId, changes: { delivered: true } }],
      ["update_item", { itemId, changes: { needsHuman: true } }],
      ["update_item", { itemId, changes: { visitor: { name: "Ann" } } }],
      ["update_item", { itemId, changes: { push: BROWSER } }],
      ["delete_item", { itemId, entryId: "1" }],
      ["typing", { itemId }],
      ["office", {}],
    ];
    // One call of each kind, so that each bucket is there; then none holds anything.
    for (const [action, fields] of [["typing", { itemId }], ["item_clicked", { itemId }]] as const) {
      await act(ann, action, fields);
    }
    await stack
      .sql`update heddle.rate_buckets set full_at = now() + interval '1 hour' where subject = ${subject}`;
    const counted = async () =>
      JSON.stringify(await stack.sql`select seq, rev from heddle.conversations order by id`);
    const before = await counted();
    for (const [action, fields] of requests) {
      const answer = await act(ann, action, fields);
      expect([action, fields, answer.status]).toEqual([action, fields, 429]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect((await ann.tabFetch(`tabId=${tabId}`)).status).toBe(429);
    expect(await counted()).toBe(before);
  });

  it("keeps text that no database takes as it came", async () => {
    const { status, body } = await write(ann, "a\0b\ud83c");
    expect({ status, text: body.entry?.body }).toEqual({ status: 200, text: "ab\ufffd" });
  });
});

describe("whether somebody is there", () => {
  const setOffice = (changes: object) =>
    stack.sql`select heddle_api.update_agent(${stack.agent.id}, ${stack.sql.json(changes as never)})`;
  const closed = { zone: "Europe/Berlin" };
  const greeting = "Hello! See https://shop.example/help";

  it("is told with the session and by itself, of store tabs only", async () => {
    expect((await act(ann, "office", {})).body).toEqual({});
    await setOffice({ greeting, officeHours: closed, awayMessage: "Back in May." });
    const told = { greeting, away: true, awayMessage: "Back in May." };
    const { body } = await validateWidget(stack, PAGE_ORIGIN, { agentId: stack.agent.id });
    expect(Object.fromEntries(body.tabs?.map(({ source, office }) => [source, office]) ?? []))
      .toEqual({ webhook: undefined, store: told });
    expect((await act(ann, "office", {})).body).toEqual({ office: told });

    await operator("inbox_here", { p_state: "online" });
    expect((await act(ann, "office", {})).body).toEqual({ office: { greeting, away: false } });
    await operator("inbox_here", { p_state: "offline" });
    await setOffice({ greeting: null, officeHours: null, awayMessage: null });
    expect((await act(ann, "office", {})).body).toEqual({});
  });

  it("is asked for as often as a list, and about this agent's tabs only", async () => {
    await act(ann, "office", {});
    const modes = await stack.sql`select distinct mode from heddle.rate_buckets`;
    expect(modes).toEqual([{ mode: "read" }]);
    expectError(await ann.tabAction({ action: "office", tabId: NOBODYS }), "tab_not_found");
    expectError(await ann.tabAction({ action: "office", tabId: stack.tabs.messaging }), "action_not_enabled");
  });
});

describe("what a store tab refuses", () => {
  it.each(["7", NOBODYS, NOBODYS.toUpperCase(), "x' or true --"])(
    "is a conversation that nobody has: %s",
    async (itemId) => {
      expectError(await open(itemId), "item_not_found");
      expectError(await open(itemId, { after: 0 }), "item_not_found");
      expectError(await write(ann, "Hello", itemId), "item_not_found");
      expectError(await act(ann, "update_item", { itemId, changes: { read: true } }), "item_not_found");
      expectError(await act(ann, "update_item", { itemId, changes: { needsHuman: true } }), "item_not_found");
    },
  );

  it("is another visitor's conversation", async () => {
    const id = await begin();
    expectError(await act(ben, "item_clicked", { itemId: id }), "item_not_found");
    expectError(await write(ben, "Hello", id), "item_not_found");
    expectError(await act(ben, "typing", { itemId: id }), "item_not_found");
  });

  it.each(["0", "-1", "1.5", "9999999999", "one"])("is an entry that can't be: %s", async (entryId) => {
    const itemId = await begin();
    expectError(await act(ann, "delete_item", { itemId, entryId }), "item_not_found");
    expectError(
      await act(ann, "update_item", { itemId, entryId, changes: { read: true } }),
      "item_not_found",
    );
  });

  it.each(["x", "1", `17643${"0".repeat(11)}`, `${"9".repeat(17)}.${NOBODYS}`])(
    "is a cursor that it has not answered: %s",
    async (cursor) => {
      expectError(await ann.tabFetch(`tabId=${tabId}&cursor=${cursor}`), "invalid_request");
    },
  );

  it.each([
    {},
    { read: false },
    { read: true, needsHuman: true },
    { body: " " },
    { body: "no entry" },
    { status: "RESOLVED" },
    { visitor: { id: "ben" } },
    { visitor: { name: "x".repeat(201) } },
  ])("are the changes %j", async (changes) => {
    const itemId = await begin();
    expectError(await act(ann, "update_item", { itemId, changes }), "invalid_request");
  });
});

/** What somebody who has not signed in may ask. */
async function anonymous() {
  await stack.sql`update heddle.agents set anonymous_allowed = true where id = ${stack.agent.id}`;
  const { body: { session } } = await validateWidget(stack, PAGE_ORIGIN, { agentId: stack.agent.id });
  return (action: string, fields: Record<string, unknown>) =>
    callFunction(
      stack,
      "tab-action",
      postJson({ action, tabId, ...fields }, { authorization: `Bearer ${session}` }),
    );
}
