import { beforeEach, describe, expect, it } from "vitest";
import { BROWSER_KEYS } from "../../support/push_subscriptions.ts";
import { AGENT, type Json, OLGA, ORG, PIET, useStore } from "./conversation_store.ts";

const store = useStore();
const about = { p_agent_id: AGENT };
const DEVICE = {
  p_endpoint: "https://push.example/1",
  p_p256dh: BROWSER_KEYS.p256dh,
  p_auth: BROWSER_KEYS.auth,
};

beforeEach(async () => {
  const { sql } = store;
  await sql`delete from heddle.visitors`;
  await sql`delete from heddle.notifications`;
  await sql`delete from heddle.deliveries`;
  await sql`delete from heddle.push_subscriptions`;
  await sql`delete from heddle.notification_rules`;
  await sql`delete from heddle.notification_cursors`;
  await sql`update heddle.members set email = lower(name) || '@shop.example'`;
  await store.visitor("set_rule", { p_rule: "task_ended", p_on: true, p_settings: { delay: 0, batch: 0 } });
});

/** An event of one of the owner's services, as an organisation's key writes it. */
async function happen(event: string, data: object = {}, more: { resource?: string; agent?: string } = {}) {
  const { resource = "task", agent = null } = more;
  await store.sql`
    insert into heddle.events (org_id, agent_id, source, resource, event, resource_id, type, data)
    values (${ORG}, ${agent}, 'jobs', ${resource}, ${event}, '7', ${`${resource}.${event}`}, ${
    store.sql.json(data as never)
  })`;
}
const notify = () => store.sql`select heddle_api.notify(${AGENT})`;
async function told(who = OLGA): Promise<Json[]> {
  await notify();
  return (await store.operator(who, "inbox_notifications", about)).notifications;
}
const contents = async (who = OLGA) => (await told(who)).map(({ content }) => content);

describe("a task or flow that ended", () => {
  it.each([
    ["completed", {}, "task", "Task 7 is done."],
    ["failed", {}, "flow", "Flow 7 has failed."],
    ["completed", { title: "Import of\n1,000 ferns" }, "task", "Import of 1,000 ferns is done."],
    ["failed", { title: "Import", error: "out of soil" }, "flow", "Import has failed: out of soil"],
    [
      "completed",
      { text: "All ferns are in: 100 % of them.", title: "Import" },
      "task",
      "All ferns are in: 100 % of them.",
    ],
    ["completed", { text: 7, title: "" }, "task", "7"],
    ["completed", { text: "x".repeat(900) }, "task", "x".repeat(400)],
  ])("is told: %s %j", async (event, data, resource, content) => {
    await happen(event, data, { resource });
    expect(await told()).toMatchObject([{
      rule: "task_ended",
      conversationId: null,
      priority: "normal",
      content,
    }]);
    expect(await told(PIET)).toHaveLength(1);
    expect(await told()).toHaveLength(1);
  });

  it("is told once each, also where two are alike; what only began is not", async () => {
    await happen("started");
    await happen("completed", {}, { resource: "invoice" });
    await happen("completed");
    await happen("completed");
    await Promise.all([notify(), notify(), notify()]);
    expect(await contents()).toEqual(["Task 7 is done.", "Task 7 is done."]);
  });

  it("is told to those that it names alone, by id or address, and to nobody who is no member", async () => {
    await happen("completed", { text: "Olga's", to: [OLGA, "eve@evil.example"] });
    await happen("completed", { text: "Piet's", to: ["piet@shop.example"] });
    await happen("completed", { text: "nobody's", to: [] });
    expect([await contents(), await contents(PIET)]).toEqual([["Olga's"], ["Piet's"]]);
  });

  it("leads to the conversation that it names, and is the holder's; another agent's leads nowhere", async () => {
    const id = await store.begin("u1", "Is it in stock?");
    await store.operator(PIET, "inbox_claim", { p_conversation_id: id });
    await happen("completed", { text: "Checked", conversationId: id });
    expect(await told(PIET)).toMatchObject([{ content: "Checked", conversationId: id }]);
    expect(await told(OLGA)).toEqual([]);
    await happen("completed", { text: "Lost", conversationId: "d0000000-0000-4000-8000-00000000000f" });
    expect(await told(OLGA)).toMatchObject([{ content: "Lost", conversationId: null }]);
  });

  it("of another agent's key is not this one's", async () => {
    const [other] = await store.sql`
      insert into heddle.agents (org_id, name) values (${ORG}, 'Other') returning id`;
    await happen("completed", { text: "theirs" }, { agent: other?.id });
    await happen("completed", { text: "ours" }, { agent: AGENT });
    expect(await contents()).toEqual(["ours"]);
    await store.sql`delete from heddle.agents where id = ${other?.id}`;
  });

  it("goes out by mail and push, unless it was read by then", async () => {
    await store.operator(OLGA, "inbox_save_push", { ...about, ...DEVICE });
    await happen("failed", { title: "Import", to: [OLGA] });
    await notify();
    const [row] = await store.sql`select heddle_api.take_deliveries(array['email', 'push'], 100) as taken`;
    expect(row?.taken.map(({ kind, receiver }: Json) => [kind, receiver]).sort()).toMatchObject([
      ["email", {
        to: { address: "olga@shop.example" },
        notices: ["Import has failed."],
        messages: [],
        conversationId: null,
      }],
      ["push", { message: { body: "Import has failed.", conversationId: null, agentId: AGENT } }],
    ]);
    await happen("failed", { title: "Second", to: [OLGA] });
    await notify();
    await store.operator(OLGA, "inbox_read_notifications", about);
    const [later] = await store.sql`select heddle_api.take_deliveries(array['email', 'push'], 100) as taken`;
    expect(later?.taken.map(({ receiver }: Json) => receiver)).toEqual([null, null]);
  });
});
