import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type SupabaseClientOptions } from "@supabase/supabase-js";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { passwordOf, REALTIME_ROLE } from "../../../local/postgres/logins.ts";
import { visitorTopic } from "../../realtime/support/topics.ts";
import { keepSecret } from "../../support/logs.ts";
import { type JsonProcess, runDeno } from "../../support/process.ts";

interface Ready {
  apiUrl: string;
  dbUrl: string;
  publishableKey: string;
  secretKey: string;
}

/** What those who know a password, and whoever they let in, can leave in the database for the stack's own sessions. */
const TRAPS = {
  /** In tables that a start or a visitor writes. */
  triggers: ["agents", "connectors", "tab_actions", "migrations", "messages"],
  policies: ["policy"],
  /** Under the names of what a session looks up. */
  names: ["a_lock", "a_format", "an_operator", "a_table"],
};

const transport = WebSocket as unknown as NonNullable<
  SupabaseClientOptions<"public">["realtime"]
>["transport"];
const folder = mkdtempSync(join(tmpdir(), "heddle-superuser-"));
const dataDir = join(folder, "postgres");
let stack: JsonProcess;
let ready: Ready;

beforeAll(async () => {
  await start();
  await asRole("postgres", (sql) => sql.unsafe(trapsOfPostgres()));
  await asRole(REALTIME_ROLE, (sql) => sql.unsafe(TRAPS_OF_REALTIME));
  await stack.stop();
  await start();
  await useRealtime();
});

afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("runs neither triggers nor policies nor functions of others as superuser", async () => {
  const sprung = await asRole("postgres", async (sql) => {
    const rows = await sql<{ name: string }[]>`
      select sequencename as name from pg_catalog.pg_sequences where schemaname = 'traps' and last_value is not null`;
    return rows.map(({ name }) => name);
  });
  expect(sprung.filter((name) => name.endsWith("_as_superuser"))).toEqual([]);
  expect(sprung).toEqual(expect.arrayContaining([...TRAPS.triggers, ...TRAPS.policies]));
});

it("lets only postgres, authenticator and Auth's role log in with the CLI's password", async () => {
  const roles = await asRole(
    "postgres",
    (sql) =>
      sql<{ name: string }[]>`select rolname as name from pg_catalog.pg_roles where rolcanlogin order by 1`,
  );
  const open = await Promise.all(roles.map(async ({ name }) => {
    const opens = await login(name, "postgres", (sql) => sql`select`).then(() => true, ({ code }) => code);
    return [name, opens];
  }));
  expect(open).toEqual([
    ["authenticator", true],
    ["postgres", true],
    ["supabase_admin", "28P01"],
    ["supabase_auth_admin", true],
    ["supabase_realtime_admin", "28P01"],
  ]);
});

it("gives no function that runs with its owner's rights to a superuser", async () => {
  const rows = await asRole(
    "postgres",
    (sql) =>
      sql`select p.oid::regprocedure::text as name from pg_catalog.pg_proc p
      join pg_catalog.pg_roles r on r.oid = p.proowner where p.prosecdef and r.rolsuper`,
  );
  expect([...rows]).toEqual([]);
});

async function start(): Promise<void> {
  stack = runDeno([
    "local/main.ts",
    ...[
      "--port=0",
      "--mail-port=0",
      "--database-port=0",
      `--data-dir=${dataDir}`,
      "--shop-url=http://127.0.0.1:9",
    ],
  ]);
  ready = await stack.event<Ready>("ready");
  keepSecret("the superuser's password", { value: superuserPassword() });
}

function superuserPassword(): string {
  return readFileSync(join(dataDir, "heddle_superuser_password"), "utf8");
}

/** A visitor's private join, and a broadcast over REST and from SQL. */
async function useRealtime(): Promise<void> {
  const { apiUrl, publishableKey, secretKey } = ready;
  const topic = visitorTopic();
  const client = createClient(apiUrl, publishableKey, { realtime: { transport } });
  await new Promise<void>((resolve, reject) => {
    client.channel(topic, { config: { private: true } })
      .subscribe((status, error) => status === "SUBSCRIBED" ? resolve() : reject(error ?? new Error(status)));
  });
  const path = `/realtime/v1/api/broadcast/${topic}/events/refresh?private=true`;
  const answer = await fetch(apiUrl + path, {
    method: "POST",
    headers: { apikey: secretKey, "content-type": "application/json" },
    body: "{}",
  });
  expect(answer.status).toBe(202);
  await asRole("postgres", (sql) => sql`select realtime.send('{}', 'refresh', ${topic})`);
  await client.removeAllChannels();
}

function asRole<T>(role: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  return login(role, passwordOf(role, superuserPassword()), work);
}

async function login<T>(role: string, password: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const url = new URL(ready.dbUrl);
  url.username = role;
  url.password = password;
  const sql = postgres(url.href, { max: 1, onnotice: () => undefined, fetch_types: false });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Each trap counts in a sequence, which no rollback resets, and in another when its session or its role is a superuser's. */
function trapsOfPostgres(): string {
  const names = Object.values(TRAPS).flat();
  const tables = ["agents", "connectors", "tab_actions"].map((table) => ["heddle", table, table]);
  return `
    create schema traps;
    grant usage on schema traps to public;
    ${
    names.map((name) => `create sequence traps.${name}; create sequence traps.${name}_as_superuser;`).join(
      "\n",
    )
  }
    grant all on all sequences in schema traps to public;

    create function traps.spring(trap text) returns boolean language plpgsql as $$
    begin
      perform pg_catalog.set_config('role', 'none', true);
      perform pg_catalog.nextval(('traps.' || trap)::pg_catalog.regclass);
      if exists (select from pg_catalog.pg_roles where rolsuper and rolname operator(pg_catalog.=) session_user) then
        perform pg_catalog.nextval(('traps.' || trap || '_as_superuser')::pg_catalog.regclass);
      end if;
      return true;
    end $$;
    create function traps.on_row() returns trigger language plpgsql as $$
    declare
      v_role text := pg_catalog.current_setting('role');
    begin
      perform traps.spring(tg_argv[0]);
      perform pg_catalog.set_config('role', v_role, true);
      return new;
    end $$;
    create function traps.visible() returns boolean language plpgsql as $$
    declare
      v_role text := pg_catalog.current_setting('role');
    begin
      perform traps.spring('policy');
      perform pg_catalog.set_config('role', v_role, true);
      return true;
    end $$;

    ${
    [...tables, ["supabase_migrations", "schema_migrations", "migrations"]].map(([schema, table, trap]) =>
      `create trigger trap before insert or update on ${schema}.${table}
        for each row execute function traps.on_row('${trap}');`
    ).join("\n")
  }
    delete from supabase_migrations.schema_migrations where name = 'realtime_policies';

    create function public.pg_advisory_xact_lock(integer) returns boolean language sql as
      $$ select traps.spring('a_lock') $$;
    create function public.format(text, name) returns text language sql as
      $$ select pg_catalog.format($1, $2) where traps.spring('a_format') $$;
    create function traps.same(oid, oid) returns boolean language sql as
      $$ select $1 operator(pg_catalog.=) $2 and traps.spring('an_operator') $$;
    create operator traps.= (leftarg = oid, rightarg = oid, function = traps.same);
    create view traps.pg_database as
      select datname from pg_catalog.pg_database where traps.spring('a_table');
    grant select on traps.pg_database to public;
    alter database postgres set search_path = traps, public, pg_catalog;`;
}

const TRAPS_OF_REALTIME = `
  create trigger trap before insert on realtime.messages for each row execute function traps.on_row('messages');
  create policy trap on realtime.messages for select to anon using (traps.visible());`;
