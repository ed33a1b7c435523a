import { describe, expect, it } from "vitest";
import type { OfficeRequest, TabActionRequest, TypingRequest } from "../../../../../shared/api/tab_action.ts";
import type { TabCategory } from "../../../../../shared/tabs.ts";
import {
  conversationChannel,
  userChannel,
} from "../../../../../supabase/functions/_shared/realtime/signing.ts";
import {
  type AnswerContext,
  createAnswer,
  createWarning,
  deleteAnswer,
  listAnswer,
  listWarning,
  threadAnswer,
  threadWarning,
  updateAnswer,
} from "../../../../../supabase/functions/_shared/sources/webhook/answers.ts";

const NOW = Date.parse("2026-01-01T00:00:30Z");
const AGENT = "a0000000-0000-4000-8000-000000000001";
const TAB = "b0000000-0000-4000-8000-000000000001";
const clicked = { action: "item_clicked", tabId: TAB, itemId: "7" } as const;
const create = { action: "create_item", tabId: TAB, clientId: "c", body: "hello" } as const;

function context(category: TabCategory = "messaging"): AnswerContext {
  return {
    tab: {
      source: "webhook",
      tab: { id: TAB, category },
      action: { enabled: true, url: "https://shop.example/" },
      connector: null,
      signing: {
        current: "new",
        previous: "old",
        handOutCurrentAt: "2026-01-01T00:01:00Z",
        previousUntil: "2026-01-02T00:00:00Z",
        former: [],
        version: "1",
      },
      webhook: { current: "whsec_c2VjcmV0", previous: null },
    },
    agentId: AGENT,
    endUser: { id: "shopper-7" },
    now: NOW,
  };
}

type AnsweredRequest = Exclude<TabActionRequest, TypingRequest | OfficeRequest>;

function answer(request: AnsweredRequest, json: unknown, at = context()): Record<string, unknown> {
  switch (request.action) {
    case "item_clicked":
      return { ...threadAnswer(json, request, at) };
    case "create_item":
      return { ...createAnswer(json, request, at) };
    case "update_item":
      return { ...updateAnswer(json, request, at) };
    case "delete_item":
      return { ...deleteAnswer(json, at) };
  }
}

describe("a visitor's channel", () => {
  it("comes with the list of a messaging tab", () => {
    expect(listAnswer([], context()).listChannel).toBe(userChannel("old", AGENT, "shopper-7"));
    expect(listAnswer([], context("default")).listChannel).toBeUndefined();
  });
});

describe("a conversation's channel", () => {
  it("comes with the item that was asked for", () => {
    expect(answer(clicked, { item: { id: 7 }, messages: [] }).conversationChannel)
      .toBe(conversationChannel("old", "7"));
  });

  it("is not named while browsers are to get none", () => {
    const at = context();
    at.tab.signing = {
      ...at.tab.signing,
      previous: null,
      previousUntil: null,
      former: [{ secret: "old", until: "2099-01-01T00:00:00Z" }],
    };
    expect(answer(clicked, { item: { id: 7 }, messages: [] }, at)).toMatchObject({ item: { id: "7" } });
    expect(answer(clicked, { item: { id: 7 }, messages: [] }, at).conversationChannel).toBeUndefined();
    expect(answer(create, { item: { id: 7 } }, at).conversationChannel).toBeUndefined();
  });

  it("is made with the current secret once that is handed out", () => {
    const later = { ...context(), now: NOW + 30_000 };
    expect(answer(clicked, { id: 7, messages: [] }, later).conversationChannel)
      .toBe(conversationChannel("new", "7"));
  });

  it.each([[{ messages: [] }], [[]], [{ item: { title: "no id" }, messages: [] }]])(
    "is not handed out on the owner's word %j",
    (json) => expect(answer(clicked, json).conversationChannel).toBeUndefined(),
  );

  it.each([[{}], [{ item: { id: 8 } }], [{ ok: true }]])(
    "is not handed out, nor anything else, on %j",
    (json) => {
      expect(() => answer(clicked, json)).toThrow();
    },
  );

  it.each([
    [{ itemId: "7" }],
    [[{ itemId: "7", endUserId: "shopper-7" }]],
    [{ data: { itemId: "7" } }],
  ])("is not handed out where the owner merely repeats the request: %j", (json) => {
    expect(answer(clicked, json).conversationChannel).toBeUndefined();
  });

  it.each([[{ itemId: "7" }], [[{ itemId: "7", endUserId: "shopper-7" }]], [{
    data: { conversation_id: 7 },
  }]])(
    "is not handed out where the owner merely repeats the request to write: %j",
    (json) => {
      expect(answer({ ...create, itemId: "7" }, json).conversationChannel).toBeUndefined();
    },
  );

  it.each([[{ item: {} }], [{ conversation: { status: "open" } }], [{ item: {}, entry: { id: 1 } }]])(
    "is not handed out to one who writes to an item that the owner does not name: %j",
    (json) => {
      expect(answer({ ...create, itemId: "7" }, json).conversationChannel).toBeUndefined();
    },
  );

  it("does not exist on a default tab", () => {
    expect(answer(clicked, { id: 7 }, context("default")).conversationChannel).toBeUndefined();
    expect(answer({ ...create, itemId: "7" }, { item: { id: 7 } }, context("default")).conversationChannel)
      .toBeUndefined();
  });

  it("comes with a new conversation that the owner names", () => {
    expect(answer(create, { item: { id: 9 }, entry: { id: 1, body: "hello" } })).toMatchObject({
      item: { id: "9" },
      entry: { id: "1" },
      conversationChannel: conversationChannel("old", "9"),
    });
    expect(answer(create, { entry: { id: 1 } }).conversationChannel).toBeUndefined();
    expect(answer(create, {}).conversationChannel).toBeUndefined();
  });

  it("does not come with another conversation than the one written to", () => {
    const inSeven = { ...create, itemId: "7" };
    expect(answer(inSeven, { item: { id: 9 }, entry: { id: 1 } }).conversationChannel).toBeUndefined();
    expect(answer(inSeven, { item: { id: 7 }, entry: { id: 1 } }).conversationChannel)
      .toBe(conversationChannel("old", "7"));
  });
});

describe("an update", () => {
  const update = { action: "update_item", tabId: TAB, itemId: "7", changes: { read: true } } as const;

  it("answers the item, or the entry if one was named", () => {
    expect(answer(update, { id: 7, body: "x" })).toMatchObject({ item: { id: "7" }, entry: undefined });
    expect(answer({ ...update, entryId: "1" }, { id: 1, body: "x" })).toMatchObject({ entry: { id: "1" } });
  });
});

describe("a form's value", () => {
  const record = { id: 7, name: "Ada", Status: "open" };
  const at = context("default");
  at.tab.tab.formKeys = ["name", "Status"];
  const fields = { name: "Ada", Status: "open" };

  it("stands under the owner's key in lists, details and answers to writes", () => {
    expect(listAnswer([record], at).items).toMatchObject([{ title: "Ada", status: "open", fields }]);
    expect(answer(clicked, { item: record }, at)).toMatchObject({ item: { title: "Ada", fields } });
    expect(answer(clicked, { ...record, messages: [] }, at)).toMatchObject({ item: { fields } });
    const update = { action: "update_item", tabId: TAB, itemId: "7", changes: { name: "Ada" } } as const;
    expect(answer(update, record, at)).toMatchObject({ item: { title: "Ada", fields } });
    expect(answer(create, { item: record }, at)).toMatchObject({ item: { fields } });
  });
});

describe("a deletion", () => {
  it("answers that it was done", () => {
    expect(answer({ action: "delete_item", tabId: TAB, itemId: "7" }, null)).toEqual({ deleted: true });
  });
});

describe("the author of an entry that the owner says nothing of", () => {
  const authorOf = (request: AnsweredRequest, json: unknown) => {
    const { entry } = answer(request, json) as { entry?: { author: unknown } };
    return entry?.author;
  };

  it("is the visitor who has just written it", () => {
    expect(authorOf(create, { id: 1, text: "hello" })).toEqual({ role: "visitor" });
    expect(authorOf(create, { id: 1, text: "hello", author_name: "Ann" })).toEqual({
      role: "visitor",
      name: "Ann",
    });
    expect(authorOf(create, { id: 1, text: "hello", sender_id: "bo" })).toEqual({
      role: "operator",
      id: "bo",
    });
    expect(authorOf(create, { id: 1, text: "Got it", role: "bot" })).toEqual({ role: "bot" });
  });

  it("is nobody whom an update could name", () => {
    const update = {
      action: "update_item",
      tabId: TAB,
      itemId: "7",
      entryId: "1",
      changes: { read: true },
    } as const;
    expect(authorOf(update, { id: 1, text: "hello" })).toEqual({ role: "operator" });
  });
});

describe("the owner", () => {
  const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id, title: "T" }));

  it("is told of a list that is longer than what is taken of it", () => {
    expect(listWarning({ data: { items: rows(1500) } })).toMatch(/1500 items.*first 1000.*nextCursor/);
    expect(listWarning([...rows(1000), {}])).toBeNull();
    expect(listWarning({ error: "" })).toBeNull();
  });

  it("is told of a thread that is longer than what is taken of it", () => {
    const thread = (count: number) => ({ item: { id: 7 }, messages: rows(count) });
    expect(threadWarning(thread(1001), "7")).toMatch(/1001 entries.*newest 1000.*nextCursor/);
    expect(threadWarning(thread(1000), "7")).toBeNull();
    expect(threadWarning({ id: 7 }, "7")).toBeNull();
  });

  const inSeven = { ...create, itemId: "7" };
  const warning = (request: typeof create & { itemId?: string }, json: unknown) =>
    createWarning(json, createAnswer(json, request, context()));

  it.each([
    [{ items: [] }],
    [{ items: [{ id: 8 }] }],
    [[{ items: [{ id: 8 }] }]],
    [[{ id: 8 }, { id: 9 }]],
    [{ results: [{ id: 1, body: "hello" }] }],
  ])("is warned of a list as the answer to a new message that names no entry: %j", (json) => {
    expect(warning(inSeven, json)).toContain("names no entry");
    expect(warning(create, json)).toContain("names no entry");
  });

  it.each([
    [null],
    [{}],
    [{ ok: true }],
    [[]],
    [[{ success: true }]],
    [{ itemId: "7" }],
    [{ entry: { id: 1 }, items: [] }],
    [{ item: { id: 7 }, items: [] }],
    [{ id: 1, body: "hello", rows: [] }],
  ])("is not warned of %j", (json) => expect(warning(inSeven, json)).toBeNull());
});
