import { describe, expect, it } from "vitest";
import type { TabCategory } from "../../../../../shared/tabs.ts";
import type { WebhookTab } from "../../../../../supabase/functions/_shared/database/tab_context.ts";
import { conversationChannel } from "../../../../../supabase/functions/_shared/realtime/signing.ts";
import type { Source } from "../../../../../supabase/functions/_shared/sources/source.ts";
import { webhookSource } from "../../../../../supabase/functions/_shared/sources/webhook/webhook_source.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const AGENT = "a0000000-0000-4000-8000-000000000001";
const TAB = "b0000000-0000-4000-8000-000000000001";
const CLIENT_ID = "c0000000-0000-4000-8000-000000000001";

function tab(category: TabCategory, action: WebhookTab["action"]): WebhookTab {
  return {
    source: "webhook",
    tab: { id: TAB, category },
    action,
    connector: null,
    signing: {
      current: "s",
      previous: null,
      handOutCurrentAt: "2025-01-01T00:00:00Z",
      previousUntil: null,
      former: [],
      version: "1",
    },
    webhook: { current: "whsec_c2VjcmV0", previous: null },
  };
}

/** A tab whose owner answers every call with this and a status of 200. */
function setUp(
  answer: unknown,
  category: TabCategory = "messaging",
  action: WebhookTab["action"] = { enabled: true, url: "https://shop.example/hook" },
) {
  const issues: string[] = [];
  let calls = 0;
  const source = webhookSource(
    tab(category, action),
    { agentId: AGENT, endUser: { id: "ann" }, kind: "identified", version: 1 },
    { requestId: "r", startedAt: NOW, notes: {} },
    {
      fetch: () => {
        calls++;
        return Promise.resolve(answer instanceof Response ? answer : Response.json(answer));
      },
      resolve: () => Promise.resolve(["93.184.216.34"]),
      now: () => NOW,
      privateHosts: [],
      timeoutMs: 10_000,
      budgetMs: 12_000,
      report: ({ kind }) => issues.push(kind),
    },
  );
  return { source, issues, calls: () => calls };
}

const ACTIONS: [string, (source: Source) => Promise<unknown>][] = [
  ["get_items", (source) => source.list({ tabId: TAB })],
  ["item_clicked", (source) => source.thread({ action: "item_clicked", tabId: TAB, itemId: "c1" })],
  [
    "create_item",
    (source) => source.create({ action: "create_item", tabId: TAB, clientId: CLIENT_ID, body: "hello" }),
  ],
  [
    "create_item in c1",
    (source) =>
      source.create({ action: "create_item", tabId: TAB, itemId: "c1", clientId: CLIENT_ID, body: "hello" }),
  ],
  [
    "update_item",
    (source) => source.update({ action: "update_item", tabId: TAB, itemId: "c1", changes: { read: true } }),
  ],
  ["delete_item", (source) => source.remove({ action: "delete_item", tabId: TAB, itemId: "c1" })],
];

type Refusal = [answer: unknown, code: "source_rejected" | "source_invalid"];

/** What an owner answers who knows c1 and refuses the call: most name the item, as an accepted answer would. */
const REFUSALS: Refusal[] = [
  [{ success: false }, "source_invalid"],
  [{ ok: "false", id: "c1" }, "source_invalid"],
  [{ ok: false, item: { id: "c1" } }, "source_invalid"],
  [{ accepted: 0, conversation: { id: "c1" }, messages: [] }, "source_invalid"],
  [{ success: "no", items: [{ id: "c1" }] }, "source_invalid"],
  [{ success: false, message: "Not yours.", data: { id: "c1" } }, "source_rejected"],
  [{ data: { ok: false, error: "Not yours." } }, "source_rejected"],
  [{ errors: ["closed"], item: { id: "c1" }, entries: [] }, "source_invalid"],
  [{ error: { code: 403 }, data: [{ id: "c1" }] }, "source_invalid"],
  [{ status: "error", message: "Not yours.", item: { id: "c1" } }, "source_rejected"],
  [{ status: "fail", data: { id: "c1" } }, "source_invalid"],
  [[{ error: "Not yours.", items: [] }], "source_rejected"],
];

/** The same on a default tab would be a record, or a row. */
const MESSAGING_REFUSALS: Refusal[] = [
  [{ error: "Not yours.", id: "c1" }, "source_rejected"],
  [{ item: { id: "c1", error: "Not yours." } }, "source_rejected"],
  [[{ ok: false }], "source_invalid"],
];

describe("a refusal with status 200 on a messaging tab", () => {
  it.each(
    [...REFUSALS, ...MESSAGING_REFUSALS].flatMap(([answer, code]) =>
      ACTIONS.map(([name, act]) => [name, answer, code, act] as const)
    ),
  )("%s: %j gives %s and no channel", async (_, answer, code, act) => {
    const { source, issues } = setUp(answer);
    await expect(act(source)).rejects.toMatchObject({ code, message: expect.not.stringContaining("c1") });
    expect(issues).toEqual([code === "source_rejected" ? "rejected" : "invalid_shape"]);
  });
});

describe("a refusal with status 200 on a default tab", () => {
  it.each(REFUSALS)("gives the reader of a list or a record nothing: %j", async (answer, code) => {
    for (const [, act] of ACTIONS.slice(0, 2)) {
      await expect(act(setUp(answer, "default").source)).rejects.toMatchObject({ code });
    }
  });

  it("is a record's content under its own id", async () => {
    const { source } = setUp({ id: "c1", error: "card declined" }, "default");
    const answer = await source.thread({ action: "item_clicked", tabId: TAB, itemId: "c1" });
    expect(answer).toMatchObject({ item: { id: "c1", fields: { error: "card declined" } } });
    expect(answer.conversationChannel).toBeUndefined();
  });
});

describe("an answer that names no error", () => {
  it.each([[[]], [{}], [null], [""], [false]])("is accepted by every write: %j", async (empty) => {
    for (const field of ["error", "errors"]) {
      const answer = {
        success: true,
        [field]: empty,
        messages: [],
        result: { id: "m1", body: "hello", conversation_id: "c1" },
      };
      for (const [, act] of ACTIONS.slice(2)) await expect(act(setUp(answer).source)).resolves.toBeDefined();
    }
  });

  it("hands the channel of its conversation out", async () => {
    const { source } = setUp({ errors: [], item: { id: "c1" }, entries: [] });
    expect(await source.thread({ action: "item_clicked", tabId: TAB, itemId: "c1" }))
      .toMatchObject({ conversationChannel: conversationChannel("s", "c1") });
  });
});

describe("an action that the owner has not set up", () => {
  it.each([
    [null],
    [{ enabled: false, url: "https://shop.example/hook" }],
    [{ enabled: true, url: null }],
  ])("is not called: %j", async (action) => {
    for (const [, act] of ACTIONS) {
      const { source, calls, issues } = setUp({}, "messaging", action);
      await expect(act(source)).rejects.toMatchObject({ code: "action_not_enabled" });
      expect(calls()).toBe(0);
      expect(issues).toEqual([]);
    }
  });
});

describe("an answer that is longer than what is taken of it", () => {
  const rows = Array.from({ length: 1200 }, (_, id) => ({ id: String(id) }));

  it("is cut, and the owner told", async () => {
    const list = setUp({ items: rows });
    expect((await list.source.list({ tabId: TAB })).items).toHaveLength(1000);
    expect(list.issues).toEqual(["invalid_shape"]);
    const thread = setUp({ item: { id: "c1" }, messages: rows });
    const { entries } = await thread.source.thread({ action: "item_clicked", tabId: TAB, itemId: "c1" });
    expect([entries?.length, entries?.at(-1)?.id]).toEqual([1000, "1199"]);
    expect(thread.issues).toEqual(["invalid_shape"]);
  });
});

describe("a number", () => {
  it("of a record reaches the widget as the owner wrote it", async () => {
    const json = '{"id":"c1","price":84.00,"tracking":340434188193158927,"rate":0.0004,"title":12.50}';
    const { source } = setUp(new Response(json), "default");
    const { item } = await source.thread({ action: "item_clicked", tabId: TAB, itemId: "c1" });
    expect(JSON.parse(JSON.stringify(item))).toMatchObject({
      title: "12.50",
      fields: { price: "84.00", tracking: "340434188193158927", rate: 0.0004 },
    });
  });

  it("is no id when it has lost digits", async () => {
    const { source } = setUp(new Response('[{"id":9007199254740993}]'), "default");
    await expect(source.list({ tabId: TAB })).rejects.toMatchObject({ code: "source_invalid" });
  });

  it.each(["0.0", "0", "0e5"])("that is nothing refuses or names no error: %s", async (zero) => {
    await expect(setUp(new Response(`{"ok":${zero},"items":[]}`)).source.list({ tabId: TAB }))
      .rejects.toMatchObject({ code: "source_invalid" });
    expect(await setUp(new Response(`{"errors":[${zero}],"items":[]}`)).source.list({ tabId: TAB }))
      .toMatchObject({ items: [] });
  });
});
