import { describe, expect, it } from "vitest";
import { normaliseThread } from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/thread.ts";
import { WebhookError } from "../../../../../../supabase/functions/_shared/sources/webhook/webhook_error.ts";
import { detail } from "../owner_detail.ts";

const messages = [{ id: 1, text: "hello" }];
const threadOf = (answer: unknown, itemId = "7") => normaliseThread(answer, itemId, "shopper-7");
const shortly = (answer: unknown) => {
  const { item, confirmed, entries } = threadOf(answer);
  return { id: item.id, title: item.title, confirmed, bodies: entries.map(({ body }) => body) };
};

const WHOLE = { id: "7", title: "T", confirmed: true, bodies: ["hello"] };
const ENTRIES_ONLY = { id: "7", title: undefined, confirmed: false, bodies: ["hello"] };

describe("a clicked item", () => {
  it.each([
    ["item and entries", { item: { id: 7, title: "T" }, entries: messages }],
    ["conversation and messages", { conversation: { id: "7", title: "T" }, messages }],
    ["an item with its messages inside", { id: 7, title: "T", messages }],
    ["a wrapped item with its messages inside", { thread: { id: 7, title: "T", messages } }],
    ["item and data", { item: { id: 7, title: "T" }, data: messages }],
    ["everything under data", { data: { item: { id: 7, title: "T" }, messages } }],
    ["an item under data", { data: { id: 7, title: "T", messages } }],
    ["everything in a box", [{ json: { item: { id: 7, title: "T" }, messages } }]],
    ["an object in a one-element array", [{ item: { id: 7, title: "T" }, messages }]],
    ["the item in a one-element array", [{ id: 7, title: "T", messages }]],
    ["an item named by conversation_id", { conversation_id: 7, title: "T", messages }],
  ])("may be %s", (_, answer) => expect(shortly(answer)).toEqual(WHOLE));

  it.each([
    ["a bare array", messages],
    ["messages", { messages }],
    ["items", { items: messages }],
    ["an object in a one-element array", [{ entries: messages }]],
    ["an array in a one-element array", [messages]],
    ["result", { result: messages }],
    ["items under result", { result: { items: messages } }],
    ["a result in a one-element array", [{ result: messages }]],
    ["messages in boxes", messages.map((json) => ({ json }))],
    ["an item without an id", { item: { status: "open" }, messages }],
  ])("may be its entries alone, and then nothing is confirmed: %s", (_, answer) => {
    expect(shortly(answer)).toEqual(ENTRIES_ONLY);
  });

  it.each([
    ["messages", { conversation: { conversationId: 7, title: "T" }, messages: [] }],
    ["comments", { threadId: "7", title: "T", comments: [] }],
    ["entries", { itemId: "7", title: "T", message: "Forbidden", entries: [] }],
    ["an empty object", { itemId: "7", title: "T", entries: [{}] }],
    ["an array of one", [{ itemId: "7", title: "T", entries: [] }]],
  ])("that is named otherwise than by its own id is not confirmed without an entry: %s", (_, answer) => {
    expect(shortly(answer)).toEqual({ ...WHOLE, confirmed: false, bodies: [] });
  });

  it.each([
    { item: { id: 7, title: "T" }, entries: [] },
    { _id: 7, title: "T", messages: [] },
    { conversation: { uuid: "7", title: "T" } },
  ])("may be a conversation without entries, named by its own id: %j", (answer) => {
    expect(shortly(answer)).toEqual({ ...WHOLE, bodies: [] });
  });

  it("is told from its only entry by the id, whatever that holds", () => {
    expect(shortly([{ id: 1, text: "hello", data: { mood: "fine" }, comments: [] }])).toEqual(ENTRIES_ONLY);
    expect(shortly([{ id: 7, title: "T" }])).toEqual({ ...WHOLE, bodies: [] });
  });

  it("is not looked for in the first of several elements", () => {
    const several = [{ item: { id: 7 }, messages }, { item: { id: 7 }, messages: [] }];
    expect(shortly(several)).toEqual({ ...ENTRIES_ONLY, bodies: ["", ""] });
    expect(() => threadOf([messages, messages])).toThrow(detail("entries[0] must be an object"));
  });

  it.each([[{}], [null], [[{}, 1]], ["text"], [{ ok: true }], [{ error: "not found" }], [{ data: {} }]])(
    "is not %j",
    (answer) => expect(() => threadOf(answer)).toThrow(WebhookError),
  );

  it.each([
    [{ item: { id: 8 }, messages }],
    [{ id: 8, messages }],
    [{ id: 8, conversation_id: 7, messages }],
    [{ item: { id: "07" }, messages }],
  ])("is never another one: %j", (answer) => {
    expect(() => threadOf(answer)).toThrow(detail("item.id must be the requested itemId"));
  });

  it("keeps an order's own items among its fields", () => {
    const { item, entries } = threadOf({ id: 7, items: [{ sku: "fern" }], item: { sku: "x" }, data: [1] });
    expect(item.fields).toEqual({ items: [{ sku: "fern" }], item: { sku: "x" }, data: [1] });
    expect(entries).toEqual([]);
  });

  it("reads known names only at the top, not inside the item's own fields object", () => {
    expect(threadOf({ id: 7, messages, fields: { title: "inner" } }).item).toMatchObject({
      fields: { title: "inner" },
    });
    expect(threadOf({ id: 7, messages, fields: { title: "inner" } }).item.title).toBeUndefined();
  });

  it("goes on at the owner's cursor", () => {
    expect(threadOf({ item: { id: 7 }, messages, next_cursor: "c" }).nextCursor).toBe("c");
    expect(threadOf({ data: { id: 7, messages }, next: 2 }).nextCursor).toBe("2");
  });
});
