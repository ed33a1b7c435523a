import { describe, expect, it } from "vitest";
import {
  normaliseWritten,
  type WrittenRequest,
} from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/written.ts";
import { detail } from "../owner_detail.ts";

const written = (answer: unknown, request: Partial<WrittenRequest> = {}) => {
  const { item, entry } = normaliseWritten(answer, {
    authors: { endUserId: "shopper-7", otherwise: "visitor" },
    itemId: "7",
    bare: "entry_if_body",
    ...request,
  });
  return { item: item?.id, entry: entry?.id, clientId: entry?.clientId, body: entry?.body };
};

const message = { id: 1, text: "hello", client_id: "c" };
const ENTRY = { item: undefined, entry: "1", clientId: "c", body: "hello" };
const BOTH = { ...ENTRY, item: "7" };
const NOTHING = { item: undefined, entry: undefined, clientId: undefined, body: undefined };

describe("the answer to a write", () => {
  it.each([
    ["entry", { entry: message }],
    ["message", { message }],
    ["a bare entry", message],
    ["a bare entry with its id under another name", { message_id: 1, text: "hello", client_id: "c" }],
    ["an entry in a one-element array", [message]],
    ["an entry under data", { data: message }],
    ["a bare entry that tells of its conversation", { ...message, conversation: { id: 8 } }],
  ])("may be an entry: %s", (_, answer) => expect(written(answer)).toEqual(ENTRY));

  it.each([
    ["item and entry", { item: { id: 7 }, entry: message }],
    ["conversation and message", { conversation: { id: "7" }, message }],
    ["both under result", { result: { item: { id: 7 }, entry: message } }],
    ["an item without an id, which is the requested one", { item: { status: "open" }, entry: message }],
  ])("may be an item and an entry: %s", (_, answer) => expect(written(answer)).toEqual(BOTH));

  it("may be a bare item", () => {
    expect(written({ id: 7, title: "T" })).toEqual({ ...NOTHING, item: "7" });
    expect(written({ id: 7, content: "a record's text" }, { bare: "item" })).toEqual({
      ...NOTHING,
      item: "7",
    });
    expect(written({ id: 7 }, { bare: "entry" })).toMatchObject({ entry: "7" });
  });

  it.each([null, {}, [], { ok: true }, { success: true, message: "saved" }, "ok", 1])(
    "may say nothing: %j",
    (answer) => {
      expect(written(answer)).toEqual(NOTHING);
    },
  );

  it("confirms a conversation under another name than its own id only beside an entry that holds something", () => {
    const confirmed = (answer: unknown) =>
      normaliseWritten(answer, {
        authors: { endUserId: "shopper-7", otherwise: "visitor" },
        itemId: "7",
        bare: "entry_if_body",
      }).confirmed;
    expect(confirmed({ conversation: { conversationId: 7 }, message })).toBe(true);
    expect(confirmed({ conversation: { conversationId: 7 }, message: {} })).toBe(false);
    expect(confirmed({ conversation: { conversationId: 7 }, message: "Forbidden" })).toBe(false);
    expect(confirmed({ conversation: { id: 7 } })).toBe(true);
  });

  it("leaves an item out that is not the requested one", () => {
    expect(written({ item: { id: 8 }, entry: message })).toEqual(ENTRY);
  });

  it("names a new conversation by its item, or by what its entry belongs to", () => {
    const created = { itemId: undefined };
    expect(written({ item: { id: 9 }, entry: message }, created)).toEqual({ ...ENTRY, item: "9" });
    expect(written({ id: 9, title: "T" }, created)).toEqual({ ...NOTHING, item: "9" });
    expect(written({ ...message, conversation_id: 9 }, created)).toEqual({ ...ENTRY, item: "9" });
    expect(written(message, created)).toEqual(ENTRY);
    expect(written({ item: { title: "no id" } }, created)).toEqual(NOTHING);
  });

  it("holds no ids that can't be ids", () => {
    expect(() => written({ item: { id: 2 ** 60 } })).toThrow(detail("item.id must be"));
    expect(() => written({ entry: { id: "" } })).toThrow(detail("entry.id must not be empty"));
  });
});
