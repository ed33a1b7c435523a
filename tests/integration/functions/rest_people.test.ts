import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_ORG, makeEventKey } from "../../support/event_readers.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { expectError } from "./support/errors.ts";
import { type Caller, REST_SCOPES, restCaller } from "./support/rest.ts";

const OLGA = "10000000-0000-4000-8000-000000000001";
const FOREIGN = "a0000000-0000-4000-8000-00000000000f";

let stack: TestStack;
let api: Caller;
let foreign: Caller;
beforeAll(async () => {
  stack = await startStack({ storeTab: true });
  await stack
    .sql`insert into heddle.agents (id, org_id, name) values (${FOREIGN}, ${randomUUID()}, 'Foreign')`;
  await stack.sql`
    insert into heddle.members (org_id, user_id, name, role) values (${DEMO_ORG}, ${OLGA}, 'Olga', 'owner')`;
  const keyOf = (agentId: string) => makeEventKey(stack.sql, { scopes: REST_SCOPES, agentId });
  api = restCaller(stack, await keyOf(stack.agent.id));
  foreign = restCaller(stack, await keyOf(FOREIGN));
});
afterAll(() => stack.stop());

const begin = async (id: string, rest = {}) => {
  const body = { visitor: { id, ...rest }, message: { body: "Hello", author: { role: "visitor" } } };
  return (await api("POST", "/conversations", { body })).body.conversation.id as string;
};

describe("rooms", () => {
  const makeRoom = async (name = "Order 7", headers: Record<string, string> = {}) => {
    const participants = [{ role: "visitor", id: "ada", name: "Ada" }, { role: "operator", id: OLGA }];
    return await api("POST", "/rooms", { body: { name, participants }, headers });
  };

  it("are made, renamed, listed and deleted", async () => {
    const { status, body: { room } } = await makeRoom();
    expect(status).toBe(201);
    expect(room).toMatchObject({
      name: "Order 7",
      status: "OPEN",
      participants: [
        { role: "visitor", id: "ada", name: "Ada" },
        { role: "operator", id: OLGA, name: "Olga" },
      ],
    });
    const renamed = (await api("PATCH", `/rooms/${room.id}`, { body: { name: "Order 8" } })).body.room;
    expect(renamed).toEqual({ ...room, name: "Order 8" });
    expect((await api("GET", `/rooms/${room.id}`)).body).toEqual({ room: renamed });
    expect((await api("GET", "/rooms")).body.items).toContainEqual(renamed);
    expect((await api("DELETE", `/rooms/${room.id}`)).body).toEqual({ deleted: true });
    expectError(await api("GET", `/rooms/${room.id}`), "item_not_found");
    expectError(await api("DELETE", `/rooms/${room.id}`), "item_not_found");
  });

  it("take somebody in and out", async () => {
    const { room } = (await makeRoom()).body;
    const path = `/rooms/${room.id}/participants`;
    const bo = { role: "visitor", id: "bo/b" };
    const joined = await api("POST", path, { body: bo });
    expect(joined.body.room.participants).toHaveLength(3);
    expect((await api("GET", path)).body).toEqual({ items: joined.body.room.participants, next: null });
    const message = await api("POST", `/conversations/${room.id}/messages`, {
      body: { body: "Hi", author: { role: "visitor", id: "bo/b" } },
    });
    expect(message.body.message.author).toMatchObject({ role: "visitor", id: "bo/b" });
    const inCapitals = `/rooms/${room.id.toUpperCase()}/participants`;
    const left = await api("DELETE", `${inCapitals}/visitor/${encodeURIComponent("bo/b")}`);
    expect(left.body.room.participants).toEqual(room.participants);
    expectError(await api("DELETE", `${path}/visitor/bo`), "item_not_found");
    expectError(await api("POST", path, { body: { role: "operator", id: randomUUID() } }), "invalid_request");
  });

  it("are made once for an Idempotency-Key, and not shown once they are gone", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const first = (await makeRoom("Once", headers)).body.room;
    expect((await makeRoom("Once", headers)).body.room).toEqual(first);
    expectError(await makeRoom("Twice", headers), "conflict");
    await api("DELETE", `/rooms/${first.id}`);
    expectError(await makeRoom("Once", headers), "item_not_found");
  });

  it("come by pages", async () => {
    for (let n = 0; n < 3; n++) await makeRoom(`Page ${n}`);
    const first = (await api("GET", "/rooms?limit=2")).body;
    const second = (await api("GET", `/rooms?limit=2&cursor=${first.next}`)).body;
    expect([...first.items, ...second.items].map(({ name }: { name: string }) => name).slice(0, 3))
      .toEqual(["Page 2", "Page 1", "Page 0"]);
  });

  it("are no conversation's, nor another organisation's", async () => {
    expectError(await api("GET", `/rooms/${await begin("zoe")}`), "item_not_found");
    const { room } = (await makeRoom()).body;
    expectError(await foreign("GET", `/rooms/${room.id}`), "item_not_found");
    expectError(await foreign("PATCH", `/rooms/${room.id}`, { body: { name: "x" } }), "item_not_found");
    expectError(await foreign("DELETE", `/rooms/${room.id}`), "item_not_found");
    expectError(await foreign("DELETE", `/rooms/${room.id}/participants/visitor/ada`), "item_not_found");
    expect((await foreign("GET", "/rooms")).body.items).toEqual([]);
  });
});

describe("visitors", () => {
  it("are listed by their ids, by pages", async () => {
    for (const id of ["v/1", "v/2", "v/3"]) await begin(id);
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await api("GET", `/visitors?limit=2${cursor}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.next === null ? "" : `&cursor=${encodeURIComponent(body.next)}`;
    } while (cursor);
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen).toEqual(expect.arrayContaining(["v/1", "v/2", "v/3"]));
  });

  it("are shown, renamed, exported and erased", async () => {
    const id = await begin("cy 7", { name: "Cy", email: "cy@shop.example" });
    const path = "/visitors/cy%207";
    expect((await api("GET", path)).body.visitor).toMatchObject({ id: "cy 7", name: "Cy", online: false });
    const changed = await api("PATCH", path, { body: { name: "Cyra", email: null } });
    expect(changed.body.visitor).toMatchObject({ name: "Cyra", email: null, attributes: {} });
    const attributes = { plan: "Pro", orders: 7, trial: false };
    expect((await api("PATCH", path, { body: { attributes } })).body.visitor).toMatchObject({
      name: "Cyra",
      attributes,
    });
    const wrong = await api("PATCH", path, { body: { attributes: { nested: {} } } });
    expect(wrong.body.error.code).toBe("invalid_request");
    // Postgres would write hundreds of digits.
    expectError(await api("PATCH", path, { body: { attributes: { tiny: 5e-324 } } }), "invalid_request");
    const long = await api("PATCH", path, { body: { attributes: { order: 2 ** 53, other: 1 - 2 ** 53 } } });
    expect(long.body.error.issues).toEqual([
      { path: "attributes.order", message: "must be below 2^53: send it as text" },
    ]);
    for (const email of ["a@b.c\r\nBcc: x@y.z", "a@b.c,x@y.z", "a@b.c?bcc=x@y.z", "Cy <a@b.c>", "nobody"]) {
      const { body } = await api("PATCH", path, { body: { email } });
      expect(body.error?.issues, email).toEqual([{ path: "email", message: "must be one email address" }]);
    }
    const mailed = await api("PATCH", path, { body: { email: " cyra@shop.example " } });
    expect(mailed.body.visitor.email).toBe("cyra@shop.example");
    expect((await api("PATCH", path, { body: { email: "" } })).body.visitor.email).toBeNull();
    expect((await api("PATCH", path, { body: { attributes: null } })).body.visitor.attributes).toEqual({});
    expect((await api("GET", `/conversations/${id}`)).body.conversation.visitor.name).toBe("Cyra");
    expect((await api("GET", `${path}/export`)).body).toMatchObject({
      endUser: { id: "cy 7", name: "Cyra" },
      conversations: [{ id, messages: [{ text: "Hello" }] }],
    });
    expect((await api("DELETE", path)).body).toEqual({ deleted: true, conversations: 1, messages: 1 });
    expectError(await api("GET", path), "item_not_found");
    expectError(await api("DELETE", path), "item_not_found");
    expectError(await api("GET", `${path}/export`), "item_not_found");
    expectError(await api("GET", `/conversations/${id}`), "item_not_found");
  });

  it("are written to in a language that the site says, one of those that there are", async () => {
    await begin("lou", { language: "fr" });
    expect((await api("GET", "/visitors/lou")).body.visitor.language).toBe("fr");
    const set = async (language: unknown) => await api("PATCH", "/visitors/lou", { body: { language } });
    expect((await set("nl")).body.visitor).toMatchObject({ id: "lou", language: "nl" });
    expect((await api("PATCH", "/visitors/lou", { body: { name: "Lou" } })).body.visitor.language).toBe("nl");
    for (const none of ["ja", "de-AT", "", 7]) expectError(await set(none), "invalid_request");
    expect((await api("GET", "/visitors/lou/export")).body.endUser.language).toBe("nl");
    expect((await set(null)).body.visitor.language).toBeNull();
  });

  it("leave nothing behind in what is kept for Idempotency-Keys", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const body = { visitor: { id: "kept-nowhere", name: "Kim" }, message: { body: "A secret word" } };
    await api("POST", "/conversations", { body, headers });
    const [kept] = await stack
      .sql`select answer::text as text from heddle.event_keys order by at desc limit 1`;
    expect(kept?.text).toContain("conversationId");
    expect(kept?.text).not.toMatch(/Kim|secret|kept-nowhere/);
  });

  it("of another organisation do not exist", async () => {
    await begin("dan");
    for (const [method, body] of [["GET"], ["PATCH", { name: "x" }], ["DELETE"]] as const) {
      expectError(await foreign(method, "/visitors/dan", { body }), "item_not_found");
      expectError(
        await foreign(method, `/visitors/dan?agentId=${stack.agent.id}`, { body }),
        "agent_not_found",
      );
    }
    expect((await api("GET", "/visitors/dan")).body.visitor.name).toBeNull();
  });
});

describe("notifications", () => {
  it("of a member are listed, read and dismissed", async () => {
    await stack.sql`select heddle_api.set_rule(${stack.agent.id}, 'needs_human', true)`;
    const id = await begin("fay", { name: "Fay" });
    await api("PATCH", `/conversations/${id}`, { body: { needsHuman: true } });
    const list = async () => (await api("GET", `/notifications?userId=${OLGA}`)).body;
    await expect.poll(async () => (await list()).unread).toBe(1);
    const [notification] = (await list()).items;
    expect(notification).toMatchObject({
      userId: OLGA,
      conversationId: id,
      priority: "high",
      content: "Fay needs a person.",
      readAt: null,
    });
    const path = `/notifications/${notification.id}`;
    expectError(await foreign("PATCH", path, { body: { read: true } }), "item_not_found");
    const read = (await api("PATCH", path, { body: { read: true } })).body.notification;
    expect(read).toMatchObject({ readAt: expect.any(String), dismissedAt: null });
    expect(await list()).toEqual({ items: [read], unread: 0, next: null });
    expect((await api("PATCH", path, { body: { dismissed: true } })).body.notification)
      .toEqual({ ...read, dismissedAt: expect.any(String) });
    expect(await list()).toEqual({ items: [], unread: 0, next: null });
  });

  it("are those of a member of the agent's team", async () => {
    expectError(await api("GET", "/notifications"), "invalid_request");
    expectError(await api("GET", `/notifications?userId=${randomUUID()}`), "item_not_found");
    expectError(await foreign("GET", `/notifications?userId=${OLGA}`), "item_not_found");
  });
});
