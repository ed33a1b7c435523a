import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { displaySchema } from "../../../shared/api/validate_widget.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { AGENT, CHAT, MESSAGES, ORDERS, tabContext } from "./tab_call.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const KEY_HASH = createHash("sha256").update("hdl_local_demo_key_for_the_fern_and_fable_shop").digest("hex");

let database: TestDatabase;
let otherAgent: string;
let otherTab: string;
beforeAll(async () => {
  database = await createDatabase();
  const { sql } = database;
  const [agent] =
    await sql`insert into heddle.agents (org_id, name) values (gen_random_uuid(), 'Other') returning id`;
  otherAgent = agent?.id;
  await sql`
    insert into heddle.agent_secrets (agent_id, signing_current, webhook_current)
    values (${otherAgent}, ${"s".repeat(32)}, ${`whsec_${"A".repeat(44)}`})`;
  const [tab] = await sql`
    insert into heddle.tabs (agent_id, name, category) values (${otherAgent}, 'Tab', 'default') returning id`;
  otherTab = tab?.id;
});
afterAll(() => database.drop());

describe("widget_context", () => {
  const widgetContext = async (agentId: string) => {
    const [row] = await database.sql`select heddle_api.widget_context(${agentId}) as context`;
    return row?.context;
  };

  it("describes an agent with its tabs in order", async () => {
    const { outcome, agent, identity, signing, tabs } = await widgetContext(AGENT);
    expect(outcome).toBe("ok");
    expect(agent).toEqual({
      id: AGENT,
      name: "Fern & Fable",
      display: {
        title: "Fern & Fable",
        accent: "#2f6f4f",
        theme: "auto",
        launcher: "Open messages",
        locale: "en",
      },
      allowedOrigins: ["http://127.0.0.1:4173", "http://localhost:4173"],
      anonymousAllowed: true,
      sessionVersion: 1,
    });
    expect(identity).toEqual({ provider: "hs256" });
    expect(signing.current).toBe("local-demo-signing-secret-fern-and-fable-0001");
    const enabled = (action: string) => ({ action, enabled: true, hasUrl: true });
    expect(tabs).toEqual([
      {
        id: MESSAGES,
        name: "Messages",
        icon: "chat",
        category: "messaging",
        source: "webhook",
        pushKey: null,
        office: null,
        visitorFields: [],
        actions: ["create_item", "get_items", "item_clicked", "update_item"].map(enabled),
        fields: [],
      },
      {
        id: ORDERS,
        name: "Orders",
        icon: "box",
        category: "default",
        source: "webhook",
        pushKey: null,
        office: null,
        visitorFields: [],
        actions: ["delete_item", "get_items", "item_clicked", "update_item"].map(enabled),
        fields: [{ key: "note", label: "Delivery note", type: "textarea" }],
      },
      {
        id: CHAT,
        name: "Chat with us",
        icon: "👋",
        category: "messaging",
        source: "store",
        pushKey: null,
        office: null,
        visitorFields: ["name", "email"],
        actions: [],
        fields: null,
      },
    ]);
  });

  it("fills in what an agent's display leaves out", async () => {
    const { agent } = await widgetContext(otherAgent);
    expect(displaySchema.parse(agent.display).title).toBe("Other");
  });

  it("holds no url, connector, webhook secret or key", async () => {
    const text = JSON.stringify(await widgetContext(AGENT));
    expect(text).not.toMatch(/heddle\/(messages|orders)|connector|whsec_|hdl_/);
  });

  it("tells how each action is set up, for the tab's source to say which of them the tab has", async () => {
    await database.sql`
      insert into heddle.tab_actions (agent_id, tab_id, action, enabled, url) values
        (${otherAgent}, ${otherTab}, 'get_items', true, 'https://example.com'),
        (${otherAgent}, ${otherTab}, 'create_item', false, 'https://example.com'),
        (${otherAgent}, ${otherTab}, 'update_item', true, null)`;
    const { tabs } = await widgetContext(otherAgent);
    expect(tabs[0].actions).toEqual([
      { action: "create_item", enabled: false, hasUrl: true },
      { action: "get_items", enabled: true, hasUrl: true },
      { action: "update_item", enabled: true, hasUrl: false },
    ]);
  });

  it.each([{ title: 7 }, { launcher: null }, { locale: ["en"] }, { accent: null }, { theme: "sepia" }])(
    "can't be spoilt by a display of %j",
    async (display) => {
      const changed = database.sql`
        update heddle.agents set display = ${database.sql.json(display)} where id = ${AGENT}`;
      await expect(changed).rejects.toMatchObject({ code: "23514" });
    },
  );

  it.each([
    [[{ key: "note", label: "Note" }]],
    [[{ key: "note", label: "Note", type: "password" }]],
    [[{ key: "", label: "Note", type: "text" }]],
    [[{ key: 7, label: "Note", type: "text" }]],
    [["note"]],
    [[[{ key: "note", label: "Note", type: "text" }]]],
  ])("can't be spoilt by form fields of %j", async (fields) => {
    const changed = database.sql`
      update heddle.tab_actions set fields = ${database.sql.json(fields)}
      where tab_id = ${ORDERS} and action = 'update_item'`;
    await expect(changed).rejects.toMatchObject({ code: "23514" });
  });

  it("says that an agent does not exist, and nothing more", async () => {
    expect(await widgetContext(NOBODY)).toEqual({ outcome: "agent_not_found" });
  });
});

describe("tab_context", () => {
  it("has all that a webhook call needs", async () => {
    const context = await tabContext(database.sql, {
      tabId: ORDERS,
      action: "update_item",
      addressHash: "x",
    });
    expect(context).toMatchObject({
      outcome: "ok",
      source: "webhook",
      tab: { id: ORDERS, category: "default", formKeys: ["note"] },
      action: { enabled: true, url: "http://127.0.0.1:4173/heddle/orders" },
      connector: {
        kind: "bearer",
        host: "127.0.0.1:4173",
        header: null,
        value: "local-demo-connector-token",
      },
      signing: { current: "local-demo-signing-secret-fern-and-fable-0001", previous: null },
      webhook: { current: "whsec_bG9jYWwtZGVtby13ZWJob29rLXNlY3JldC0wMDAx", previous: null },
    });
  });

  it("has no connector where the action names none", async () => {
    const context = await tabContext(database.sql, { agentId: otherAgent, tabId: otherTab });
    expect(context).toMatchObject({ outcome: "ok", connector: null, tab: { formKeys: [] } });
  });

  it.each([
    ["agent_not_found", { agentId: NOBODY }],
    ["session_revoked", { sessionVersion: 2 }],
    ["tab_not_found", { tabId: NOBODY }],
  ])("says %s and nothing more", async (outcome, call) => {
    expect(await tabContext(database.sql, call)).toEqual({ outcome });
  });

  it.each([
    ["create_item", { enabled: false, url: "https://example.com" }],
    ["update_item", { enabled: true, url: null }],
    ["delete_item", null],
    ["drop_table", null],
  ])("leaves it to the tab's source whether it has the action: %s, %j", async (action, expected) => {
    await database.sql`
      insert into heddle.tab_actions (agent_id, tab_id, action, enabled, url) values
        (${otherAgent}, ${otherTab}, 'create_item', false, 'https://example.com'),
        (${otherAgent}, ${otherTab}, 'update_item', true, null)
      on conflict (tab_id, action) do update set enabled = excluded.enabled, url = excluded.url`;
    expect(await tabContext(database.sql, { agentId: otherAgent, tabId: otherTab, action }))
      .toMatchObject({ outcome: "ok", action: expected });
  });

  it("does not tell another agent's tab from one that does not exist", async () => {
    expect(await tabContext(database.sql, { tabId: otherTab })).toEqual({ outcome: "tab_not_found" });
  });
});

describe("publish_context", () => {
  const publishContext = async (hash: string) => {
    const [row] = await database.sql`select heddle_api.publish_context(${hash}) as context`;
    return row?.context;
  };

  it("knows whose key it is", async () => {
    expect(await publishContext(KEY_HASH)).toMatchObject({
      keyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      agentId: AGENT,
      scopes: ["publish"],
      signing: { current: "local-demo-signing-secret-fern-and-fable-0001" },
    });
  });

  it("tells nothing for an unknown key, or a revoked one", async () => {
    expect(await publishContext("0".repeat(64))).toEqual({ outcome: "key_not_found" });
    const { keyId } = await publishContext(KEY_HASH);
    await database.sql`select heddle_api.revoke_api_key(${keyId})`;
    expect(await publishContext(KEY_HASH)).toEqual({ outcome: "key_not_found" });
    await database.sql`update heddle.api_keys set revoked_at = null`;
  });

  it("leaves noting the use to touch_api_key, which writes at most once a minute", async () => {
    const { keyId } = await publishContext(KEY_HASH);
    const lastUse = async () => {
      const [key] = await database.sql`select last_used_at from heddle.api_keys where id = ${keyId}`;
      return key?.last_used_at;
    };
    expect(await lastUse()).toBeNull();
    await database.sql`select heddle_api.touch_api_key(${keyId})`;
    const first = await lastUse();
    expect(first).toBeInstanceOf(Date);
    await database.sql`select heddle_api.touch_api_key(${keyId})`;
    expect(await lastUse()).toEqual(first);
  });
});
