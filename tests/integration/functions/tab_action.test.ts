import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeOwner, ownerBytes, ownerJson, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { type OwnerSettings, verifiedBody, verifiedIdentity } from "../../support/verify_webhook.ts";
import { expectError } from "./support/errors.ts";
import { callFunction, postJson, signIn, type Visitor } from "./support/visitor.ts";

let owner: FakeOwner;
let stack: TestStack;
let visitor: Visitor;

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({ ownerUrl: owner.url });
  visitor = await signIn(stack, owner.url, { name: "Ann", email: "ann@shop.example" });
});

afterAll(async () => {
  await stack.stop();
  await owner.stop();
});

const endUser = { id: "shopper-7", name: "Ann", email: "ann@shop.example" };
const click = (itemId: string, more: Record<string, unknown> = {}) =>
  visitor.tabAction({ action: "item_clicked", tabId: stack.tabs.messaging, itemId, ...more });
const create = (more: Record<string, unknown>) =>
  visitor.tabAction({
    action: "create_item",
    tabId: stack.tabs.messaging,
    clientId: "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11",
    body: "hello",
    ...more,
  });

function channelOf(itemId: string, secret = stack.agent.signingSecret): string {
  const base = `conv-${itemId}`;
  return `${base}-${createHmac("sha256", secret).update(base).digest("hex")}`;
}

function lastRequest() {
  const request = owner.requests.at(-1);
  if (request === undefined) throw new Error("the owner was not asked");
  return request;
}

describe("item_clicked", () => {
  it("reads the thread and hands out its channel", async () => {
    owner.answer(ownerJson({
      conversation: { id: "7|🌿", subject: "Ferns" },
      messages: [{ id: 2, text: "two", created_at: 1700000002, role: "agent" }, {
        id: 1,
        text: "one",
        created_at: 1700000001,
        role: "customer",
      }],
      next_cursor: 1,
    }));
    const { status, body } = await click("7|🌿", { cursor: "c", refresh: true });
    expect(status).toBe(200);
    expect(body).toEqual({
      item: { id: "7|🌿", title: "Ferns", unread: 0, fields: {} },
      entries: [
        {
          id: "1",
          author: { role: "visitor" },
          body: "one",
          createdAt: "2023-11-14T22:13:21.000Z",
          attachments: [],
          fields: {},
        },
        {
          id: "2",
          author: { role: "operator" },
          body: "two",
          createdAt: "2023-11-14T22:13:22.000Z",
          attachments: [],
          fields: {},
        },
      ],
      nextCursor: "1",
      conversationChannel: channelOf("7|🌿"),
    });
    expect(lastRequest().method).toBe("GET");
    expect(Object.fromEntries(lastRequest().query)).toMatchObject({
      action: "item_clicked",
      itemId: "7|🌿",
      cursor: "c",
      refresh: "true",
      endUserId: "shopper-7",
    });
  });

  it.each([[{}], [[]], [{ messages: [] }], [{ ok: true }], [{ item: { id: "8" } }], [{ item: {} }], [null], [
    { error: "not yours", itemId: "somebody-else's" },
  ]])(
    "hands out no channel of a foreign item on the owner's %j",
    async (answer) => {
      owner.answer(ownerJson(answer));
      const { body } = await click("somebody-else's");
      expect(JSON.stringify(body)).not.toContain("conv-");
    },
  );

  it.each([
    { itemId: "foreign", message: "Forbidden", entries: [] },
    { itemId: "foreign", entries: [] },
    { conversation: { conversationId: "foreign" }, messages: [] },
    { threadId: "foreign", comments: [{}] },
  ])("hands out no channel on an empty result that repeats the asked id: %j", async (answer) => {
    owner.answer(ownerJson(answer));
    const { status, text } = await click("foreign");
    expect(status).toBe(200);
    expect(text).not.toContain("conv-");
  });

  it.each([
    { status: "error", message: "Forbidden.", itemId: "foreign", messages: [] },
    { id: "foreign", message: "Forbidden.", result: { success: false } },
    { id: "foreign", data: { ok: false, message: "Forbidden." } },
    { OK: true, ok: false, id: "foreign", message: "Forbidden." },
  ])("takes a refusal that repeats the asked id for one: %j", async (answer) => {
    owner.answer(ownerJson(answer));
    const refused = await click("foreign");
    expectError(refused, "source_rejected");
    expect(refused.body.error?.message).toBe("Forbidden.");
  });

  it("hands out the channel of a conversation without messages that is named by its own id", async () => {
    owner.answer(ownerJson({ item: { id: "12" }, messages: [] }));
    expect((await click("12")).body.conversationChannel).toBe(channelOf("12"));
  });

  it("refuses an owner's answer that is another item, or none", async () => {
    owner.answer(ownerJson({ item: { id: "8" }, messages: [] }));
    expectError(await click("7"), "source_invalid");
    owner.answer(ownerJson({}));
    expectError(await click("7"), "source_invalid");
  });

  it("hands out no channel on a default tab", async () => {
    owner.answer(ownerJson({ id: "7", total: 3 }));
    const { body } = await click("7", { tabId: stack.tabs.default });
    expect(body).toEqual({ item: { id: "7", unread: 0, fields: { total: 3 } }, entries: [] });
  });
});

describe("create_item", () => {
  it("posts the entry, with the identity in body and query, signed", async () => {
    owner.answer(ownerJson({ id: 9, text: "hello", client_id: "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11" }));
    const { status, body } = await create({ itemId: "7" });
    expect(status).toBe(200);
    expect(body).toEqual({
      entry: {
        id: "9",
        clientId: "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11",
        author: { role: "visitor" },
        body: "hello",
        attachments: [],
        fields: {},
      },
    });
    const { method, query, headers, body: sent } = lastRequest();
    expect(method).toBe("POST");
    expect(headers["content-type"]).toBe("application/json");
    expect(query.get("endUserId")).toBe("shopper-7");
    expect(query.get("endUserEmail")).toBe("ann@shop.example");
    expect(JSON.parse(sent)).toEqual({
      action: "create_item",
      tabId: stack.tabs.messaging,
      itemId: "7",
      clientId: "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11",
      body: "hello",
      endUser,
    });
    expect(verifiedBody(lastRequest(), stack.agent)).toEqual(JSON.parse(sent));
    expect(await verifiedIdentity(headers, stack.agent)).toMatchObject({
      sub: "shopper-7",
      action: "create_item",
      tabId: stack.tabs.messaging,
      itemId: "7",
    });
  });

  it("posts half of a character as U+FFFD, which every JSON parser takes", async () => {
    owner.answer(ownerJson({ id: 9, text: "hello" }));
    expect((await create({ itemId: "7", body: "half \ud83d x" })).status).toBe(200);
    expect(JSON.parse(lastRequest().body).body).toBe("half \ufffd x");
    expect(verifiedBody(lastRequest(), stack.agent)).toEqual(JSON.parse(lastRequest().body));
  });

  it("hands out the channel of a new conversation", async () => {
    owner.answer(ownerJson({ item: { id: 12 }, entry: { id: 1, text: "hello" } }, 201));
    const { body } = await create({});
    expect(body).toMatchObject({ item: { id: "12" }, conversationChannel: channelOf("12") });
    expect(JSON.parse(lastRequest().body)).not.toHaveProperty("itemId");
  });

  it.each([
    [{ item: {} }],
    [{ conversation: { status: "open" } }],
    [{
      conversation: { conversationId: "foreign" },
      message: {},
    }],
    [{ itemId: "foreign", data: {} }],
    [{ id: "foreign", data: { success: "no" } }],
    [{
      error: "not yours",
      itemId: "foreign",
    }],
  ])(
    "hands out no channel of a foreign item on the owner's %j",
    async (answer) => {
      owner.answer(ownerJson(answer));
      expect((await create({ itemId: "foreign" })).text).not.toContain("conv-");
    },
  );

  it("may be answered with 204", async () => {
    owner.answer(ownerBytes("", { status: 204 }));
    expect(await create({ itemId: "7" })).toMatchObject({ status: 200, body: {} });
  });

  it("is for tabs that have it", async () => {
    expectError(await create({ tabId: stack.tabs.default }), "action_not_enabled");
  });
});

describe("update_item and delete_item", () => {
  it("pass changes on, and answer the changed item", async () => {
    owner.answer(ownerJson({ item: { id: "7", note: "Ring twice" } }));
    const changes = { note: "Ring twice", nested: { deep: [1, null] }, "half \ud83d": "" };
    const { body } = await visitor.tabAction({
      action: "update_item",
      tabId: stack.tabs.default,
      itemId: "7",
      changes,
    });
    expect(body).toEqual({ item: { id: "7", unread: 0, fields: { note: "Ring twice" } } });
    expect(JSON.parse(lastRequest().body)).toMatchObject({
      changes: { note: "Ring twice", nested: { deep: [1, null] }, "half \ufffd": "" },
      endUser,
    });
  });

  it("pass numbers on with all their digits", async () => {
    owner.answer(ownerBytes("", { status: 204 }));
    const headers = {
      authorization: `Bearer ${visitor.validated.session}`,
      "content-type": "application/json",
    };
    const changes = '{"tracking":340434188193158927,"rate":0.0004,"price":84.00}';
    const body = `{"action":"update_item","tabId":"${stack.tabs.default}","itemId":"7","changes":${changes}}`;
    const answer = await fetch(`${stack.apiUrl}/functions/v1/tab-action`, { method: "POST", headers, body });
    expect(await answer.json()).toEqual({});
    expect(JSON.parse(lastRequest().body).changes)
      .toEqual({ tracking: "340434188193158927", rate: 0.0004, price: 84 });
  });

  it("answer what the form shows under the owner's own keys", async () => {
    const fields = [{ key: "name", label: "Name", type: "text" }, {
      key: "date",
      label: "Day",
      type: "date",
    }];
    await stack.sql`
      update heddle.tab_actions set fields = ${stack.sql.json(fields)}
      where tab_id = ${stack.tabs.default} and action = 'update_item'`;
    const record = { id: "r1", name: "Ada Okafor", date: "2026-03-01", zip: 10115 };
    const item = {
      id: "r1",
      title: "Ada Okafor",
      timestamp: "2026-03-01",
      unread: 0,
      fields: { ...record, id: undefined },
    };
    const expected = JSON.parse(JSON.stringify(item));
    owner.answer(ownerJson(record));
    expect((await click("r1", { tabId: stack.tabs.default })).body).toMatchObject({ item: expected });
    const update = {
      action: "update_item",
      tabId: stack.tabs.default,
      itemId: "r1",
      changes: { name: "Ada O." },
    };
    expect((await visitor.tabAction(update)).body).toEqual({ item: expected });
  });

  it("delete, whatever word the owner has for it", async () => {
    const remove = () =>
      visitor.tabAction({ action: "delete_item", tabId: stack.tabs.default, itemId: "7", entryId: "1" });
    for (const answer of [ownerJson({ ok: true }), ownerBytes("", { status: 204 })]) {
      owner.answer(answer);
      expect(await remove()).toMatchObject({ status: 200, body: { deleted: true } });
    }
    expect(JSON.parse(lastRequest().body)).toMatchObject({ itemId: "7", entryId: "1" });
    owner.answer(ownerJson({ deleted: false }));
    expectError(await remove(), "source_invalid");
  });
});

describe("a request to tab-action", () => {
  it("needs a session before anything else", async () => {
    expectError(await callFunction(stack, "tab-action", postJson("{")), "missing_session");
  });

  it("must follow the schema of its action", async () => {
    const asked = owner.requests.length;
    expectError(await visitor.tabAction("{"), "invalid_json");
    for (
      const request of [
        null,
        {},
        { action: "get_items", tabId: stack.tabs.messaging },
        { action: "item_clicked", tabId: stack.tabs.messaging },
        { action: "item_clicked", tabId: stack.tabs.messaging, itemId: "a\u0000b" },
        { action: "item_clicked", tabId: stack.tabs.messaging, itemId: "y".repeat(129) },
        { action: "create_item", tabId: stack.tabs.messaging, clientId: "1", body: "x" },
        { action: "create_item", tabId: stack.tabs.messaging, clientId: randomUUID(), body: " " },
        {
          action: "create_item",
          tabId: stack.tabs.messaging,
          clientId: randomUUID(),
          body: "x".repeat(10_001),
        },
        { action: "update_item", tabId: stack.tabs.messaging, itemId: "7", changes: {} },
      ]
    ) expectError(await visitor.tabAction(request), "invalid_request");
    expect(owner.requests).toHaveLength(asked);
  });

  it("reaches only tabs of the session's agent", async () => {
    expectError(await click("7", { tabId: randomUUID() }), "tab_not_found");
  });
});

describe("while the signing secret is rotated", () => {
  it("browsers get the previous names until the new ones are handed out", async () => {
    owner.answer(ownerJson({ id: "7", messages: [] }));
    const [row] = await stack.sql`
      select heddle_api.rotate_signing_secret(${stack.agent.id}, '1 hour', '60 seconds') as rotated`;
    const secret: string = row?.rotated.secret;
    expect((await click("7")).body.conversationChannel).toBe(channelOf("7"));
    await stack.sql`
      update heddle.agent_secrets set signing_hand_out_current_at = now() where agent_id = ${stack.agent.id}`;
    expect((await click("7")).body.conversationChannel).toBe(channelOf("7", secret));
  });
});

describe("while the webhook secret is rotated", () => {
  const rotate = async () => {
    const [row] = await stack.sql`
      select heddle_api.rotate_webhook_secret(${stack.agent.id}, '1 hour') ->> 'secret' as secret`;
    return { ...stack.agent, webhookSecret: String(row?.secret) };
  };
  const send = async () => {
    await click("7");
    const get = lastRequest();
    await create({ itemId: "7" });
    return { get, post: lastRequest() };
  };
  const accepts = async (owner: OwnerSettings, { get, post }: Awaited<ReturnType<typeof send>>) => {
    await verifiedIdentity(get.headers, owner);
    await verifiedIdentity(post.headers, owner);
    verifiedBody(post, owner);
  };

  it("an owner with the old secret and one with the new accept every call, until the grace is over", async () => {
    owner.answer(ownerJson({ id: "7", messages: [] }));
    const rotated = await rotate();
    const during = await send();
    await accepts(stack.agent, during);
    await accepts(rotated, during);

    await stack.sql`
      update heddle.agent_secrets set webhook_previous_until = now() where agent_id = ${stack.agent.id}`;
    const after = await send();
    await accepts(rotated, after);
    await expect(verifiedIdentity(after.get.headers, stack.agent)).rejects.toThrow();
    expect(() => verifiedBody(after.post, stack.agent)).toThrow();
  });
});
