import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import { loginUrl } from "../../../local/postgres/logins.ts";
import { provision, type Provisioned } from "../../../local/postgres/provision.ts";
import { SUPERUSER } from "../../../local/postgres/superuser.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

const SUPABASE = path.resolve(import.meta.dirname, "../../../supabase");

let supabaseDir: string;
/** Provisioned already. */
let database: TestDatabase;

beforeEach(async () => {
  supabaseDir = await mkdtemp(path.join(os.tmpdir(), "heddle-migrations-"));
  await cp(path.join(SUPABASE, "migrations"), path.join(supabaseDir, "migrations"), { recursive: true });
  await cp(path.join(SUPABASE, "seed.sql"), path.join(supabaseDir, "seed.sql"));
  database = await createDatabase();
});

/** One that a test may have had made. */
const made = () => `${database.name}_new`;

afterEach(async () => {
  await database.sql`drop database if exists ${database.sql(made())} with (force)`;
  await database.drop();
  await rm(supabaseDir, { recursive: true });
});

function run(): Promise<Provisioned> {
  return provision({ adminUrl: inject("adminUrl"), database: database.name, supabaseDir });
}

function write(file: string, script: string): Promise<void> {
  return writeFile(path.join(supabaseDir, file), script);
}

describe("provisioning", () => {
  it("makes the database, and records migrations and the seed as the Supabase CLI does", async () => {
    const name = made();
    const { applied } = await provision({ adminUrl: inject("adminUrl"), database: name, supabaseDir });
    const sql = postgres(loginUrl(inject("adminUrl"), SUPERUSER, name), { max: 1, onnotice: () => {} });
    onTestFinished(() => sql.end());
    const recorded = await sql`
      select version, name, statements from supabase_migrations.schema_migrations order by version`;
    expect(recorded.map(({ version }) => version)).toEqual(applied);
    expect(recorded[0]).toMatchObject({ version: expect.stringMatching(/^\d{14}$/), name: "agents" });
    expect(recorded[0]?.statements).toContain("create schema heddle_api");
    const seeds = await sql`select path, hash from supabase_migrations.seed_files`;
    expect([...seeds]).toEqual([{
      path: "supabase/seed.sql",
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    }]);
  });

  it("changes nothing when it runs again, and leaves what the user changed alone", async () => {
    await database.sql`update heddle.agents set name = 'Renamed'`;
    expect(await run()).toEqual({ applied: [], changed: [] });
    const agents = await database.sql`select name from heddle.agents`;
    expect([...agents]).toEqual([{ name: "Renamed" }]);
  });

  it("applies what is new", async () => {
    await write("migrations/20990101000000_new.sql", "create table heddle.new (id int);");
    expect(await run()).toEqual({ applied: ["20990101000000"], changed: [] });
  });

  it("names the migrations that changed after they were applied", async () => {
    await write("migrations/20990101000000_new.sql", "select 1;");
    await run();
    await write("migrations/20990101000000_new.sql", "select 2;");
    expect(await run()).toEqual({ applied: [], changed: ["20990101000000"] });
  });

  it("keeps nothing of a migration that fails, and says which one it was", async () => {
    await write("migrations/20990101000000_broken.sql", "create table heddle.half (id int); select 1/0;");
    await expect(run()).rejects.toThrow("Migration 20990101000000_broken failed: division by zero");
    const [half] = await database.sql`select to_regclass('heddle.half') as name`;
    expect(half?.name).toBeNull();
    await write("migrations/20990101000000_broken.sql", "create table heddle.half (id int);");
    expect((await run()).applied).toEqual(["20990101000000"]);
  });

  it("refuses a database that is ahead of the checkout", async () => {
    await write("migrations/20990101000000_new.sql", "select 1;");
    await run();
    await rm(path.join(supabaseDir, "migrations/20990101000000_new.sql"));
    await expect(run()).rejects.toThrow("migrations that this version does not know (20990101000000)");
  });
});

describe("a migration runs with the rights it has on hosted Supabase:", () => {
  it.each([
    ["not as superuser", "create role mighty superuser"],
    [
      "without more than policies on realtime.messages",
      "alter table realtime.messages disable row level security",
    ],
    ["without triggers there", "create trigger t after insert on realtime.messages execute function now()"],
    ["without anything new in schema realtime", "create table realtime.mine (id int)"],
    ["without Realtime's role", "set role supabase_realtime_admin"],
  ])("%s", async (_, statement) => {
    await write("migrations/20990101000000_too_much.sql", `${statement};`);
    await expect(run()).rejects.toMatchObject({ cause: { code: "42501" } });
  });

  it("with policies on realtime.messages", async () => {
    await write(
      "migrations/20990101000000_policy.sql",
      `-- Mine.
      create policy "mine; on it" on realtime.messages for select to anon using (false);
      create table public.mine as select current_user as owner, session_user as login;`,
    );
    await run();
    const policies = await database.sql`select from pg_policies where policyname = 'mine; on it'`;
    expect(policies).toHaveLength(1);
    const [mine] = await database.sql`select owner, login from public.mine`;
    expect(mine).toEqual({ owner: "postgres", login: "postgres" });
  });
});
