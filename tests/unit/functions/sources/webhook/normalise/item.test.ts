import { describe, expect, it } from "vitest";
import type { Item } from "../../../../../../shared/items.ts";
import { normaliseItem } from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/items.ts";
import { WebhookError } from "../../../../../../supabase/functions/_shared/sources/webhook/webhook_error.ts";
import { detail } from "../owner_detail.ts";

const item = (source: Record<string, unknown>): Item =>
  JSON.parse(JSON.stringify(normaliseItem(source, "items[0]", () => "none")));

describe("an item's id", () => {
  it.each(["id", "_id", "uuid", "item_id", "itemId", "conversation_id", "conversationId", "thread_id", "ID"])(
    "may be called %s",
    (name) => expect(item({ [name]: "7" })).toEqual({ id: "7", unread: 0, fields: {} }),
  );

  it("is `id` where conversation_id differs", () => {
    expect(item({ conversation_id: 9, id: 7 })).toMatchObject({ id: "7", fields: { conversation_id: 9 } });
  });

  it.each([[0, "0"], [-0, "0"], [-3, "-3"], [2 ** 53 - 1, "9007199254740991"], [" 7 ", " 7 "]])(
    "%o is %o",
    (id, expected) => expect(item({ id }).id).toBe(expected),
  );

  it.each(["9007199254740992", "9007199254740993", "12345678901234567890", "1e400", "1.5"])(
    "can't be the JSON number %s, which has lost digits or never was whole",
    (number) => expect(() => item(JSON.parse(`{"id":${number}}`))).toThrow(detail("items[0].id must be")),
  );

  it.each([[""], ["a\nb"], ["\ud800"], ["y".repeat(129)], ["🌿".repeat(33)], [true], [{ $oid: "7" }], [[
    "7",
  ]]])(
    "can't be %j",
    (id) => expect(() => item({ id })).toThrow(WebhookError),
  );

  it("is looked for under the next name when it is null", () => {
    expect(item({ id: null, _id: "7" }).id).toBe("7");
  });
});

describe("who wrote the preview", () => {
  it.each<[string, Record<string, unknown>, Partial<Item>]>([
    ["a field", { preview: "P", previewRole: "visitor" }, { previewRole: "visitor" }],
    ["a word for it", { lastMessage: "P", last_message_role: "Customer" }, { previewRole: "visitor" }],
    ["a direction", { snippet: "P", lastMessageDirection: "outbound" }, { previewRole: "operator" }],
    ["the last message", { lastMessage: { text: "P", role: "assistant" } }, { previewRole: "bot" }],
    ["its author", { lastMessage: { body: "P", author: { type: "user" } } }, { previewRole: "visitor" }],
    ["its author's role", { lastMessage: { body: "P", sender: "agent" } }, { previewRole: "operator" }],
    ["its sender's type", { lastMessage: { body: "P", sender_type: "CONTACT" } }, { previewRole: "visitor" }],
    ["nothing", { preview: "P" }, {}],
    ["an unknown author", { lastMessage: { body: "P", author: "Ada" } }, {}],
    ["a name", { preview: "P", lastMessageAuthor: "Ada" }, { fields: { lastMessageAuthor: "Ada" } }],
  ])("is told by %s", (_, source, expected) => {
    expect(item({ id: "1", ...source })).toEqual({
      id: "1",
      preview: "P",
      unread: 0,
      fields: {},
      ...expected,
    });
  });

  it("is of no interest where there is no preview", () => {
    const fields = { lastMessageRole: "visitor" };
    expect(item({ id: "1", ...fields })).toEqual({ id: "1", unread: 0, fields });
  });
});

describe("an item", () => {
  it.each<[string, unknown, Partial<Item>]>([
    ["title", "T", { title: "T" }],
    ["name", "T", { title: "T" }],
    ["subject", 42, { title: "42" }],
    ["preview", "P", { preview: "P" }],
    ["last_message", "P", { preview: "P" }],
    ["lastMessage", { id: 1, text: "P" }, { preview: "P" }],
    ["snippet", "P", { preview: "P" }],
    ["timestamp", 1700000000, { timestamp: "2023-11-14T22:13:20.000Z" }],
    ["lastMessageAt", 1700000000000, { timestamp: "2023-11-14T22:13:20.000Z" }],
    ["updated_at", "2023-11-14T22:13:20Z", { timestamp: "2023-11-14T22:13:20.000Z" }],
    ["createdAt", "2023-11-14", { timestamp: "2023-11-14" }],
    ["date", "20231114", { timestamp: "2023-11-14" }],
    ["date", "1700000000", { timestamp: "2023-11-14T22:13:20.000Z" }],
    ["unread", 3, { unread: 3 }],
    ["unread_count", "3", { unread: 3 }],
    ["unreadCount", true, { unread: 1 }],
    ["unread", -2, { unread: 0 }],
    ["unread", 2.7, { unread: 2 }],
    ["status", "open", { status: "open" }],
    ["state", "open", { status: "open" }],
    ["avatar_url", "https://a.example/x.png", { avatarUrl: "https://a.example/x.png" }],
    ["avatar", "https://a.example/x.png", { avatarUrl: "https://a.example/x.png" }],
  ])("understands %s: %j", (name, value, expected) => {
    expect(item({ id: "1", [name]: value })).toEqual({ id: "1", unread: 0, fields: {}, ...expected });
  });

  it.each<[string, unknown]>([
    ["title", { en: "T" }],
    ["timestamp", "yesterday"],
    ["timestamp", 0],
    ["timestamp", 45292.5],
    ["timestamp", 20240501],
    ["date", "2024-02-30"],
    ["unread", "many"],
    ["avatar", "javascript:alert(1)"],
    ["avatar", "/relative.png"],
    ["avatar", "data:image/png;base64,AA"],
    ["price", 3],
    ["note", null],
    ["fields", "text"],
    ["fields", ["a", "b"]],
  ])("keeps %s: %j among its fields", (name, value) => {
    expect(item({ id: "1", [name]: value })).toEqual({ id: "1", unread: 0, fields: { [name]: value } });
  });

  it("takes the first of several names, and keeps the others", () => {
    expect(item({ id: "1", name: "N", title: "T", updated_at: 1700000000, created_at: 1600000000 })).toEqual({
      id: "1",
      title: "T",
      timestamp: "2023-11-14T22:13:20.000Z",
      unread: 0,
      fields: { name: "N", created_at: 1600000000 },
    });
  });

  it("is not changed by being normalised again", () => {
    const once = item({
      id: 1,
      name: "N",
      title: "T",
      unread_count: "2",
      date: 1700000000,
      nested: { id: [1] },
    });
    expect(item({ ...once })).toEqual(once);
  });

  it.each<[string, unknown, Partial<Item>]>([
    ["name", "Ada Okafor", { title: "Ada Okafor" }],
    ["date", "2026-03-01", { timestamp: "2026-03-01" }],
    ["Status", "open", { status: "open" }],
    ["updated_at", 1700000000, { timestamp: "2023-11-14T22:13:20.000Z" }],
    ["title", 42, { title: "42" }],
    ["unread_count", "3", { unread: 3 }],
    ["photo", "https://a.example/x.png", { avatarUrl: "https://a.example/x.png" }],
    ["excerpt", "E", { preview: "E" }],
  ])("keeps %s: %j under the owner's key as well where a form shows it", (key, value, understood) => {
    const { fields, ...rest } = normaliseItem({ id: 1, [key]: value }, "item", () => "", [key, "absent"]);
    expect(rest).toMatchObject({ id: "1", ...understood });
    expect(fields).toEqual({ [key]: value });
  });

  it("can't reach an object's prototype", () => {
    const { fields } = normaliseItem(JSON.parse('{"id":1,"__proto__":{"admin":true}}'), "item", () => "");
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect((fields as { admin?: boolean }).admin).toBeUndefined();
  });
});
