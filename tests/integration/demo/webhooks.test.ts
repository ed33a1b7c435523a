import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startShop, type TestShop } from "./shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const getItems = { action: "get_items" };

describe("the shop's webhooks refuse", () => {
  it("a request that is not signed", async () => {
    const url = `${shop.url}/heddle/messages?action=get_items&endUserId=ada`;
    for (const method of ["GET", "POST"]) expect((await fetch(url, { method })).status).toBe(401);
  });

  it("another secret, an old request and a wrong connector token", async () => {
    const anotherSecret = { secret: "whsec_YW5vdGhlciBzZWNyZXQgYWx0b2dldGhlcg==" };
    const old = { timestamp: Math.floor(Date.now() / 1000) - 600 };
    for (const signing of [anotherSecret, old, { token: "guessed" }]) {
      expect(await shop.call("messages", getItems, undefined, signing)).toMatchObject({ status: 401 });
    }
  });

  it("an action that the url does not serve", async () => {
    expect(await shop.call("orders", { action: "create_item" }, { body: "x" })).toMatchObject({
      status: 400,
    });
  });

  it("to show or change what belongs to somebody else, as if it did not exist", async () => {
    const ben = { as: "ben", itemId: "repotting" };
    const missing = await shop.call("messages", { action: "item_clicked", as: "ben", itemId: "nothing" });
    expect(missing.status).toBe(404);
    expect(await shop.call("messages", { action: "item_clicked", ...ben })).toEqual(missing);
    const write = { body: "let me in", clientId: randomUUID() };
    expect(await shop.call("messages", { action: "create_item", ...ben }, write)).toEqual(missing);
    const read = { changes: { read: true } };
    expect(await shop.call("messages", { action: "update_item", ...ben }, read)).toEqual(missing);
    const order = { as: "ben", itemId: "FF-1021" };
    expect(await shop.call("orders", { action: "item_clicked", ...order })).toEqual(missing);
    expect(await shop.call("orders", { action: "delete_item", ...order }, {})).toEqual(missing);
  });

  it("a cursor that is not one of theirs", async () => {
    expect(await shop.call("messages", { ...getItems, cursor: "' or 1=1" })).toMatchObject({ status: 400 });
  });
});

describe("the messages webhook", () => {
  it("lists a visitor's own conversations, the newest first, with what is unread", async () => {
    const { status, body } = await shop.call("messages", { ...getItems, as: "ben" });
    expect(status).toBe(200);
    expect(body.items).toMatchObject([{ id: "gift-wrap", title: "Gift wrapping", unread: 0 }]);
    const ada = await shop.call("messages", getItems);
    expect(ada.body.items[0]).toMatchObject({ id: "drooping-fern", unread: 2 });
  });

  it("gives a thread page by page, without a gap", async () => {
    const clicked = { action: "item_clicked", itemId: "repotting" };
    const newest = (await shop.call("messages", clicked)).body;
    const older = (await shop.call("messages", { ...clicked, cursor: newest.nextCursor })).body;
    const ids = [...older.entries, ...newest.entries].map(({ id }) => Number(id));
    expect(newest.item.id).toBe("repotting");
    expect(older.nextCursor).toBeUndefined();
    expect(ids).toEqual(Array.from({ length: 18 }, (_, index) => (ids[0] ?? 0) + index));
  });

  it("writes a message once per clientId, echoes it, and publishes once", async () => {
    const message = { body: "Is it too late to water?", clientId: randomUUID() };
    const create = { action: "create_item", itemId: "book-club" };
    const first = await shop.call("messages", create, message);
    expect(first.body).toMatchObject({
      item: { id: "book-club", preview: message.body },
      entry: { clientId: message.clientId, body: message.body, author: { role: "visitor" } },
    });
    expect(await shop.heddle.nextPublish()).toMatchObject({
      body: { endUserId: "ada", conversationId: "book-club" },
    });

    const again = await shop.call("messages", create, message);
    expect(again.body.entry).toEqual(first.body.entry);
    const { body } = await shop.call("messages", { action: "item_clicked", itemId: "book-club" });
    expect(body.entries).toHaveLength(3);
  });

  it("writes a message once, when two deliveries of it arrive together", async () => {
    const message = { body: "Twice at once", clientId: randomUUID() };
    const deliveries = await Promise.all(
      [1, 2].map(() => shop.call("messages", { action: "create_item", as: "twice" }, message)),
    );
    expect(deliveries.map(({ status }) => status)).toEqual([200, 200]);
    expect(deliveries[0]?.body).toEqual(deliveries[1]?.body);
    await shop.heddle.nextPublish();
    const { body } = await shop.call("messages", { ...getItems, as: "twice" });
    expect(body.items).toHaveLength(1);
  });

  it("answers a delivery with a known webhook-id as it did before", async () => {
    const id = "msg_seen_before";
    const create = { action: "create_item", as: "replay" };
    const first = await shop.call("messages", create, { body: "One", clientId: randomUUID() }, { id });
    await shop.heddle.nextPublish();
    const replay = await shop.call("messages", create, { body: "Two", clientId: randomUUID() }, { id });
    expect(replay).toEqual(first);
    const { body } = await shop.call("messages", { ...getItems, as: "replay" });
    expect(body.items).toHaveLength(1);
  });

  it("begins a conversation where no itemId is given", async () => {
    const message = { body: "Do you deliver?\nTo Malta?", clientId: randomUUID() };
    const cleo = { as: "cleo" };
    const { body } = await shop.call("messages", { action: "create_item", ...cleo }, message);
    expect(body.item).toMatchObject({ title: "Do you deliver?", unread: 0 });
    expect(await shop.heddle.nextPublish()).toMatchObject({
      body: { endUserId: "cleo", conversationId: body.item.id },
    });
    expect((await shop.call("messages", { ...getItems, ...cleo })).body.items).toHaveLength(1);
  });

  it("marks a conversation read, and publishes nothing: the reader knows", async () => {
    const read = { changes: { read: true } };
    const update = { action: "update_item", itemId: "drooping-fern" };
    expect((await shop.call("messages", update, read)).body.item.unread).toBe(0);

    await shop.call("messages", { action: "create_item", itemId: "book-club" }, {
      body: "Next",
      clientId: randomUUID(),
    });
    // The first publish is that of the message.
    expect(await shop.heddle.nextPublish()).toMatchObject({ body: { conversationId: "book-club" } });
  });

  it("keeps text with characters that Postgres can't", async () => {
    const message = { body: "before\0after \ud83d", clientId: randomUUID() };
    const { status, body } = await shop.call("messages", { action: "create_item", as: "dora" }, message);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      item: { title: "beforeafter \ufffd" },
      entry: { body: "beforeafter \ufffd" },
    });
    expect(await shop.heddle.nextPublish()).toMatchObject({ body: { endUserId: "dora" } });
    const blank = { body: " \0\n ", clientId: randomUUID() };
    expect(await shop.call("messages", { action: "create_item", as: "dora" }, blank)).toMatchObject({
      status: 422,
    });
  });

  it("keeps a message whose preview and title end within an emoji", async () => {
    const text = `${"a".repeat(58)}😀${"a".repeat(78)}😀😀`;
    const message = { body: text, clientId: randomUUID() };
    const { status, body } = await shop.call("messages", { action: "create_item", as: "emoji" }, message);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      item: { title: `${"a".repeat(58)}…`, preview: `${text.slice(0, -4)}…` },
      entry: { body: text },
    });
    expect(await shop.heddle.nextPublish()).toMatchObject({ body: { endUserId: "emoji" } });
  });

  it("dates messages in the order of their ids, also where a transaction has waited", async () => {
    const sql = postgres(shop.databaseUrl, { max: 2 });
    const write = (on: postgres.ISql, body: string) =>
      on`insert into messages (conversation_id, author, body) values ('repotting', 'operator', ${body})`;
    await sql.begin(async (waiting) => {
      await waiting`select now()`;
      await write(sql, "overtakes");
      await write(waiting, "has waited");
    });
    const rows = await sql`
      select body from messages where body in ('overtakes', 'has waited') order by created_at`;
    await sql.end();
    expect(rows.map(({ body }) => body)).toEqual(["overtakes", "has waited"]);
  });

  it("says to the visitor why a message is refused", async () => {
    const message = { body: "a".repeat(4001), clientId: randomUUID() };
    expect(await shop.call("messages", { action: "create_item" }, message)).toEqual({
      status: 422,
      body: { message: "A message can have up to 4000 characters. Please send it in parts." },
    });
  });
});

describe("the orders webhook", () => {
  it("lists orders page by page", async () => {
    const first = (await shop.call("orders", getItems)).body;
    const second = (await shop.call("orders", { ...getItems, cursor: first.nextCursor })).body;
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(ids).toEqual(["FF-1021", "FF-1017", "FF-1009", "FF-1004", "FF-0996", "FF-0981"]);
    expect(second.nextCursor).toBeUndefined();
  });

  it("keeps the delivery note of an order that is being packed", async () => {
    const note = { changes: { note: "Ring twice" } };
    const update = await shop.call("orders", { action: "update_item", itemId: "FF-1021" }, note);
    expect(update.body.item).toMatchObject({ id: "FF-1021", note: "Ring twice" });
    const shown = await shop.call("orders", { action: "item_clicked", itemId: "FF-1021" });
    expect(shown.body).toEqual(update.body);
  });

  it("says to the visitor why a change comes too late", async () => {
    const note = { changes: { note: "Too late" } };
    expect(await shop.call("orders", { action: "update_item", itemId: "FF-1017" }, note)).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining("FF-1017 has left our shop") },
    });
    expect(await shop.call("orders", { action: "delete_item", itemId: "FF-1017" }, {})).toMatchObject({
      status: 422,
    });
  });

  it("takes a cancelled order off the list", async () => {
    const order = { as: "ben", itemId: "FF-1019" };
    expect((await shop.call("orders", { action: "delete_item", ...order }, {})).body).toEqual({
      deleted: true,
    });
    expect((await shop.call("orders", { ...getItems, as: "ben" })).body.items).toEqual([]);
    expect(await shop.call("orders", { action: "item_clicked", ...order })).toMatchObject({ status: 404 });
  });
});
