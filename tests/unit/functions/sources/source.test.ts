import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Item } from "../../../../shared/items.ts";
import { derivedKey, signSession } from "../../../../supabase/functions/_shared/auth/session.ts";
import { type SourceOf, sourceOf, widgetTab } from "../../../../supabase/functions/_shared/sources/source.ts";
import type { KeptOffice } from "../../../../supabase/functions/_shared/database/widget_context.ts";
import { listCursor, listPlace } from "../../../../supabase/functions/_shared/sources/store/positions.ts";
import { tabAction } from "../../../../supabase/functions/tab-action/index.ts";
import { tabFetch } from "../../../../supabase/functions/tab-fetch/index.ts";

const AGENT = "a0000000-0000-4000-8000-000000000001";
const TAB = "b0000000-0000-4000-8000-000000000001";
const CLIENT_ID = "c0000000-0000-4000-8000-000000000001";
const SECRET = "sb_secret_of_this_test";

/** A tab as the database answers it whose owner never named a webhook. */
const CONTEXT = {
  outcome: "ok",
  source: "webhook",
  tab: { id: TAB, category: "messaging" },
  action: null,
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

/** A second source: conversations in memory, for each visitor their own. */
function memorySource(): SourceOf {
  const items: Item[] = [];
  return (tab, session) => ({
    list: () => Promise.resolve({ items, listChannel: `${tab.tab.id}-${session.endUser.id}` }),
    thread: ({ itemId }) => Promise.resolve({ item: { id: itemId, unread: 0, fields: {} }, entries: [] }),
    create: ({ body }) => {
      const item = { id: String(items.length + 1), title: body, unread: 0, fields: {} };
      items.push(item);
      return Promise.resolve({ item });
    },
    update: ({ changes }) => Promise.resolve({ item: { ...items[0]!, fields: changes } }),
    remove: ({ itemId }) => {
      items.splice(items.findIndex(({ id }) => id === itemId), 1);
      return Promise.resolve({ deleted: true });
    },
    typing: () => Promise.resolve({}),
    office: () => Promise.resolve({}),
  });
}

const asked: string[] = [];

beforeEach(() => {
  asked.length = 0;
  const variables: Record<string, string> = {
    SUPABASE_URL: "http://project.test",
    SUPABASE_ANON_KEY: "sb_publishable_of_this_test",
    SUPABASE_SERVICE_ROLE_KEY: SECRET,
  };
  vi.stubGlobal("Deno", { env: { get: (name: string) => variables[name] }, errors: {} });
  // Node 20 has none, and supabase-js looks for one although nothing here opens it.
  vi.stubGlobal("WebSocket", class {});
  vi.stubGlobal("fetch", (url: string | URL) => {
    asked.push(String(url));
    return Promise.resolve(Response.json(CONTEXT));
  });
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function headers(): Promise<Record<string, string>> {
  const session = { agentId: AGENT, endUser: { id: "ann" }, kind: "identified", version: 1 } as const;
  const { token } = await signSession(session, derivedKey(SECRET, "session"), Date.now());
  return { authorization: `Bearer ${token}`, "content-type": "application/json" };
}

async function fetchList(source: SourceOf): Promise<Response> {
  return tabFetch(source)(
    new Request(`http://functions.test/tab-fetch?tabId=${TAB}`, { headers: await headers() }),
  );
}

async function act(source: SourceOf, action: Record<string, unknown>): Promise<Response> {
  const request = new Request("http://functions.test/tab-action", {
    method: "POST",
    headers: await headers(),
    body: JSON.stringify({ tabId: TAB, ...action }),
  });
  return tabAction(source)(request);
}

describe("a tab whose data comes from another source than a webhook", () => {
  it("is listed, written to and read through the same endpoints", async () => {
    const source = memorySource();
    const created = await act(source, { action: "create_item", clientId: CLIENT_ID, body: "hello" });
    expect([created.status, await created.json()]).toMatchObject([200, {
      item: { id: "1", title: "hello" },
    }]);

    const list = await fetchList(source);
    expect(list.headers.get("etag")).toMatch(/^W\//);
    expect(await list.json()).toMatchObject({ items: [{ id: "1" }], listChannel: `${TAB}-ann` });

    const thread = await act(source, { action: "item_clicked", itemId: "1" });
    expect(await thread.json()).toMatchObject({ item: { id: "1" }, entries: [] });
    const updated = await act(source, { action: "update_item", itemId: "1", changes: { read: true } });
    expect(await updated.json()).toMatchObject({ item: { fields: { read: true } } });
    const typing = await act(source, { action: "typing", itemId: "1" });
    expect(await typing.json()).toEqual({});
    const removed = await act(source, { action: "delete_item", itemId: "1" });
    expect(await removed.json()).toEqual({ deleted: true });
    expect(await (await fetchList(source)).json()).toMatchObject({ items: [] });
  });

  it("costs one round trip to the database and no other call", async () => {
    await fetchList(memorySource());
    expect(asked).toEqual([expect.stringContaining("/rest/v1/rpc/tab_context")]);
  });
});

describe("a webhook tab", () => {
  it("has no action whose webhook was never named", async () => {
    const answer = await fetchList(sourceOf);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: "action_not_enabled" } });
    expect(asked).toHaveLength(1);
  });

  it.each([{ action: "typing", itemId: "1" }, { action: "office" }])(
    "passes nothing on of %j",
    async (action) => {
      const answer = await act(sourceOf, action);
      expect(await answer.json()).toMatchObject({ error: { code: "action_not_enabled" } });
      expect(asked).toHaveLength(1);
    },
  );
});

describe("a store tab", () => {
  const HOURS = { zone: "Europe/Berlin", mon: ["09:00-17:00"] };
  const BEFORE = Date.parse("2026-11-30T07:59:59Z");
  const AT_NINE = "2026-11-30T08:00:00.000Z";
  const seen = (office: Partial<KeptOffice> | null, now: number) =>
    widgetTab({
      ...{ id: TAB, name: "Chat", icon: undefined, category: "messaging", source: "store", actions: [] },
      fields: null,
      office: office &&
        { greeting: null, hours: HOURS, awayMessage: null, isSomebodyOnline: false, ...office },
    }, now).office;

  it("tells until when nobody is there, or until when somebody is", () => {
    expect(seen({ greeting: "Hello!", awayMessage: "Back soon." }, BEFORE))
      .toEqual({ greeting: "Hello!", away: true, awayMessage: "Back soon.", changesAt: AT_NINE });
    expect(seen({ awayMessage: "Back soon." }, Date.parse(AT_NINE)))
      .toEqual({ away: false, changesAt: "2026-11-30T16:00:00.000Z" });
  });

  it("is not away while somebody of the team is online, whatever the hours", () =>
    expect(seen({ awayMessage: "Back soon.", isSomebodyOnline: true }, BEFORE))
      .toEqual({ away: false, changesAt: AT_NINE }));

  it("is never away without hours, nor with some that can't be reckoned with", () => {
    expect(seen({ greeting: "Hello!", hours: null }, BEFORE)).toEqual({ greeting: "Hello!", away: false });
    expect(seen({ hours: { zone: "Europe/Atlantis" } }, BEFORE)).toEqual({ away: false });
    expect(seen(null, BEFORE)).toBeUndefined();
  });

  it("has a list, threads, a composer and receipts without any set-up", () => {
    const tab = { id: TAB, name: "Chat", icon: undefined, category: "messaging", source: "store" } as const;
    expect(widgetTab({ ...tab, actions: [], fields: null }, 0)).toMatchObject({
      source: "store",
      actions: ["get_items", "item_clicked", "create_item", "update_item"],
      fields: [],
    });
  });
});

describe("a place in a list of the store", () => {
  it.each([
    ["2026-11-29T08:15:38.123456+00:00", "2026-11-29T08:15:38.123456Z"],
    ["2026-11-29T08:15:38.5+00:00", "2026-11-29T08:15:38.500000Z"],
    ["2026-11-29T08:15:38+00:00", "2026-11-29T08:15:38.000000Z"],
    ["2026-11-29T09:15:38.000001+01:00", "2026-11-29T08:15:38.000001Z"],
  ])("keeps the microseconds of %s", (at, read) => {
    expect(listPlace(listCursor({ at, id: TAB }))).toEqual({ at: read, id: TAB });
  });
});

describe("a webhook tab as the widget sees it", () => {
  const fields = [{ key: "note", label: "Note", type: "text" as const }];
  const seen = (update: { enabled: boolean; hasUrl: boolean }) =>
    widgetTab({
      id: TAB,
      name: "Orders",
      icon: undefined,
      category: "default",
      source: "webhook",
      actions: [{ action: "get_items", enabled: true, hasUrl: true }, { action: "update_item", ...update }],
      fields,
    }, 0);

  it("has the actions that are enabled and have a webhook, and a form if it can be updated", () => {
    expect(seen({ enabled: true, hasUrl: true })).toMatchObject({
      source: "webhook",
      actions: ["get_items", "update_item"],
      fields,
    });
    for (const update of [{ enabled: false, hasUrl: true }, { enabled: true, hasUrl: false }]) {
      expect(seen(update)).toMatchObject({ actions: ["get_items"], fields: [] });
    }
  });
});
