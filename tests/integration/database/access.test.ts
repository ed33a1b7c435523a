import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Functions that edge functions and the heddle command call, as service_role. */
const FOR_FUNCTIONS = [
  "bot_begin",
  "bot_done",
  "bot_take",
  "broadcast",
  "create_agent",
  "create_api_key",
  "create_bot",
  "create_connector",
  "create_room",
  "create_tab",
  "create_webhook",
  "delete_room",
  "deliveries_due",
  "dismiss_undelivered",
  "end_delivery",
  "erase_anonymous_visitor",
  "event_reach",
  "events_after",
  "events_until",
  "find_account",
  "forget_push",
  "gateway_here",
  "get_agent",
  "give_ticket",
  "invite_member",
  "is_delivery_worker",
  "keep_push_keys",
  "list_agents",
  "list_api_keys",
  "list_bots",
  "list_connectors",
  "list_deliveries",
  "list_issues",
  "list_members",
  "list_rules",
  "list_tabs",
  "list_undelivered",
  "list_webhooks",
  "mail_state",
  "notify",
  "publish_context",
  "push_keys",
  "read_events",
  "receive_mail",
  "record_issue",
  "remove_agent",
  "remove_bot",
  "remove_connector",
  "remove_member",
  "remove_room_participant",
  "remove_tab",
  "remove_webhook",
  "replay_webhook",
  "rest_call",
  "retry_undelivered",
  "return_invitation",
  "revoke_api_key",
  "rotate_bot",
  "rotate_signing_secret",
  "rotate_webhook",
  "rotate_webhook_secret",
  "send_events",
  "set_room_participant",
  "set_rule",
  "set_tab_actions",
  "spend_invitation",
  "stop_mails",
  "store_changes",
  "store_edit",
  "store_erase",
  "store_export",
  "store_import",
  "store_list",
  "store_needs_human",
  "store_office",
  "store_post",
  "store_push_off",
  "store_push_on",
  "store_read",
  "store_sign_in",
  "store_stop",
  "store_thread",
  "store_typing",
  "store_visitor",
  "stream_begin",
  "stream_end",
  "stream_grow",
  "stream_tell",
  "switch_webhook",
  "tab_context",
  "tail_events",
  "take_deliveries",
  "take_ticket",
  "tell_typing",
  "tend_store",
  "test_webhook",
  "touch_api_key",
  "update_agent",
  "update_bot",
  "update_connector",
  "update_room",
  "update_tab",
  "wake_deliveries",
  "widget_context",
  "write_event",
];
/** Functions that operators call, signed in: each a door to one in heddle that looks who they are. */
const FOR_OPERATORS = [
  "inbox_assign",
  "inbox_changes",
  "inbox_channels",
  "inbox_claim",
  "inbox_counts",
  "inbox_create_bot",
  "inbox_create_room",
  "inbox_create_tab",
  "inbox_create_webhook",
  "inbox_delete_label",
  "inbox_delete_reply",
  "inbox_delete_room",
  "inbox_deliveries",
  "inbox_dismiss_notifications",
  "inbox_dismiss_undelivered",
  "inbox_edit",
  "inbox_edit_note",
  "inbox_erase_visitor",
  "inbox_events",
  "inbox_export_visitor",
  "inbox_here",
  "inbox_former_texts",
  "inbox_label",
  "inbox_list",
  "inbox_members",
  "inbox_needs_human",
  "inbox_note",
  "inbox_notifications",
  "inbox_post",
  "inbox_preferences",
  "inbox_present",
  "inbox_read",
  "inbox_read_notifications",
  "inbox_remove_bot",
  "inbox_remove_member",
  "inbox_remove_participant",
  "inbox_remove_push",
  "inbox_remove_tab",
  "inbox_remove_webhook",
  "inbox_rename_tab",
  "inbox_replay_webhook",
  "inbox_replies",
  "inbox_resolve_many",
  "inbox_retry_undelivered",
  "inbox_rotate_bot",
  "inbox_rotate_webhook",
  "inbox_rules",
  "inbox_save_label",
  "inbox_save_push",
  "inbox_save_reply",
  "inbox_search",
  "inbox_set_office",
  "inbox_set_participant",
  "inbox_set_preferences",
  "inbox_set_rule",
  "inbox_set_site",
  "inbox_site",
  "inbox_status",
  "inbox_stop",
  "inbox_switch_webhook",
  "inbox_test_webhook",
  "inbox_thread",
  "inbox_thread_changes",
  "inbox_typing",
  "inbox_undelivered",
  "inbox_update_bot",
  "inbox_update_member",
  "inbox_update_room",
  "inbox_visitor",
  "inbox_webhooks",
];
/** What the policies of Realtime's table ask. */
const FOR_POLICIES = ["may_hear_events", "may_hear_inbox"];

async function failureOf(role: string, statement: string): Promise<string> {
  return await database.sql.begin(async (tx) => {
    await tx.unsafe(`set local role ${role}`);
    await tx.unsafe(statement);
    return "none";
  }).catch((error: Error & { code?: string }) => error.code ?? error.message);
}

describe("functions", () => {
  it("may be executed by exactly the role they are for", async () => {
    const granted = await database.sql<{ name: string; roles: string[] }[]>`
      select
        p.pronamespace::regnamespace || '.' || p.proname as name,
        array(
          select case grantee when 0 then 'public' else grantee::regrole::text end
          from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))
          where privilege_type = 'EXECUTE' and grantee <> p.proowner
        ) as roles
      from pg_proc p
      where p.pronamespace in ('heddle'::regnamespace, 'heddle_api'::regnamespace)`;
    const names = (schema: string, functions: string[]) => functions.map((name) => `${schema}.${name}`);
    const held = (role: string) =>
      granted.filter(({ roles }) => roles.includes(role)).map(({ name }) => name).sort();
    expect(held("service_role")).toEqual(names("heddle_api", FOR_FUNCTIONS));
    expect(held("authenticated")).toEqual(
      [...names("heddle", [...FOR_OPERATORS, ...FOR_POLICIES]), ...names("heddle_api", FOR_OPERATORS)].sort(),
    );
    expect(new Set(granted.flatMap(({ roles }) => roles))).toEqual(
      new Set(["service_role", "authenticated"]),
    );
    const inApi = granted.map(({ name }) => name).filter((name) => name.startsWith("heddle_api."));
    expect(inApi.sort()).toEqual(names("heddle_api", [...FOR_FUNCTIONS, ...FOR_OPERATORS]).sort());
  });

  it("of operators run with their owner's rights in heddle only, which is exposed to nobody", async () => {
    const definers = await database.sql<{ name: string }[]>`
      select p.proname as name from pg_proc p
      where p.pronamespace = 'heddle_api'::regnamespace and p.prosecdef
        and has_function_privilege('authenticated', p.oid, 'execute')`;
    expect([...definers]).toEqual([]);
  });

  it("that run with their owner's rights look nothing up on the caller's search path", async () => {
    const loose = await database.sql`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace in ('heddle'::regnamespace, 'heddle_api'::regnamespace)
        and not coalesce(p.proconfig @> array['search_path=""'], false)`;
    expect(loose.map(({ name }) => name)).toEqual([]);
  });

  it("belong to a role that is no superuser", async () => {
    const owners = await database.sql`
      select distinct r.rolname as name, r.rolsuper as superuser
      from pg_proc p join pg_roles r on r.oid = p.proowner
      where p.pronamespace in ('heddle'::regnamespace, 'heddle_api'::regnamespace)`;
    expect([...owners]).toEqual([{ name: "postgres", superuser: false }]);
  });

  it.each(["anon", "authenticated"])("refuse %s", async (role) => {
    expect(await failureOf(role, "select heddle_api.widget_context(gen_random_uuid())")).toBe("42501");
  });
});

describe("tables", () => {
  it.each(["anon", "authenticated", "service_role", "authenticator"])(
    "are out of reach for %s",
    async (role) => {
      const tables = await database.sql<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'heddle'`;
      expect(tables.length).toBeGreaterThan(6);
      for (const { name } of tables) {
        expect(await failureOf(role, `select from ${name}`), name).toBe("42501");
        expect(await failureOf(role, `insert into ${name} default values`), name).toBe("42501");
        expect(await failureOf(role, `delete from ${name}`), name).toBe("42501");
      }
    },
  );

  it("carry no grant to anybody, so that even usage of the schema would open nothing", async () => {
    await database.sql.begin(async (tx) => {
      await tx`grant usage on schema heddle to anon, authenticated, service_role`;
      const open = await tx`
        select relname, role from pg_class, unnest(array['anon', 'authenticated', 'service_role']) as role
        where relnamespace = 'heddle'::regnamespace and relkind = 'r'
          and has_table_privilege(role, oid, 'select, insert, update, delete, truncate, references, trigger')`;
      expect([...open]).toEqual([]);
      await tx`rollback and chain`;
    });
  });

  it("have row level security on", async () => {
    const without = await database.sql`
      select relname from pg_class
      where relnamespace = 'heddle'::regnamespace and relkind = 'r' and not relrowsecurity`;
    expect([...without]).toEqual([]);
  });

  it("have an index for every foreign key", async () => {
    const missing = await database.sql`
      select c.conrelid::regclass::text as table, c.conname
      from pg_constraint c
      where c.contype = 'f' and c.connamespace = 'heddle'::regnamespace
        and not exists (
          select from pg_index i
          where i.indrelid = c.conrelid
            and (
              (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
              or (i.indisprimary and (i.indkey::int2[])[0] = any (c.conkey))
            )
        )`;
    expect([...missing]).toEqual([]);
  });
});
