import type { Sql } from "postgres";

/** The agent that `supabase/seed.sql` creates. Its secrets are known to everybody: for local use only. */
export const DEMO_AGENT = {
  id: "a0000000-0000-4000-8000-000000000001",
  apiKey: "hdl_local_demo_key_for_the_fern_and_fable_shop",
  signingSecret: "local-demo-signing-secret-fern-and-fable-0001",
  webhookSecret: "whsec_bG9jYWwtZGVtby13ZWJob29rLXNlY3JldC0wMDAx",
  connectorToken: "local-demo-connector-token",
  botSecret: "whsec_bG9jYWwtZGVtby1ib3Qtc2VjcmV0LTAwMDAwMDE=",
  tabs: {
    messaging: "b0000000-0000-4000-8000-000000000001",
    default: "b0000000-0000-4000-8000-000000000002",
    /** Its conversations are kept by Heddle; those of the other two by the shop. */
    store: "b0000000-0000-4000-8000-000000000003",
  },
} as const;

/** Points the demo agent's webhooks, connector and allowed origins to a shop that runs at `shopUrl`. */
export async function pointDemoAgentTo(sql: Sql, shopUrl: string): Promise<void> {
  const { port, host } = new URL(shopUrl);
  const origins = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  await sql.begin(async (tx) => {
    await tx`update heddle.agents set allowed_origins = ${origins} where id = ${DEMO_AGENT.id}`;
    await tx`
      update heddle.tab_actions a
      set url = regexp_replace(a.url, '^http://[^/]+', ${new URL(shopUrl).origin})
      from heddle.tabs t where t.id = a.tab_id and t.agent_id = ${DEMO_AGENT.id}`;
    await tx`update heddle.connectors set host = ${host} where agent_id = ${DEMO_AGENT.id}`;
  });
}

/** Makes `key` the one of the demo's organisation that reads and writes the log of events. */
export async function setEventsKey(sql: Sql, key: string): Promise<void> {
  await sql`
    update heddle.api_keys set key_hash = encode(sha256(convert_to(${key}, 'UTF8')), 'hex')
    where name = 'demo events' and org_id = (select org_id from heddle.agents where id = ${DEMO_AGENT.id})`;
}

/** Tells the demo's team of who asks for a person, unless somebody has chosen what it is told of. */
export async function switchOnDemoRule(sql: Sql): Promise<void> {
  await sql`
    select heddle_api.set_rule(${DEMO_AGENT.id}, 'needs_human', true)
    where not exists (select from heddle.notification_rules where agent_id = ${DEMO_AGENT.id})`;
}

/** Has the assistant of a shop that runs at `shopUrl` answer visitors of the demo agent's store tab. */
export async function addDemoBot(sql: Sql, shopUrl: string): Promise<void> {
  const url = new URL("/heddle/bot", shopUrl).href;
  await sql`
    insert into heddle.bots (agent_id, name, url, secret) values (${DEMO_AGENT.id}, 'Moss', ${url}, ${DEMO_AGENT.botSecret})
    on conflict (agent_id, heddle.name_key(name)) do update set url = excluded.url, secret = excluded.secret`;
}
