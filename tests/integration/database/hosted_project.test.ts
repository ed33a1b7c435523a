import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepPartitions } from "../../../local/realtime/database/partitions.ts";
import { createDatabase } from "../../support/database.ts";
import { createBareProject } from "../cli/bare_project.ts";

describe.each([
  ["a new project", createBareProject],
  ["a project with Heddle and Realtime's partitions", async () => {
    const database = await createDatabase();
    await keepPartitions(database.sql, Date.now());
    return database;
  }],
])("postgres in %s, from any tool,", (_, create) => {
  let project: Awaited<ReturnType<typeof create>>;
  let owner: Sql;

  beforeAll(async () => {
    project = await create();
    owner = postgres(project.as("postgres"), { max: 1, onnotice: () => undefined });
    await owner`create function public.mine() returns trigger language plpgsql as 'begin return new; end'`;
  });
  afterAll(async () => {
    await owner.end({ timeout: 1 });
    await project.drop();
  });

  const policies = async () => {
    const rows = await owner`select qual from pg_policies where policyname = 'mine'`;
    return rows.map(({ qual }) => qual);
  };

  it("may manage policies on Realtime's table", async () => {
    await owner`create policy "mine" on realtime.messages for select to anon using (false)`;
    await owner`alter policy "mine" on realtime.messages using (true)`;
    expect(await policies()).toEqual(["true"]);
    await owner`drop policy "mine" on realtime.messages`;
    await owner`drop policy if exists "mine" on realtime.messages`;
    expect(await policies()).toEqual([]);
  });

  it.each([
    ["with a search path", `set search_path = realtime; create policy "mine" on messages using (false)`],
    ["in a block", `do $$ begin create policy "mine" on realtime.messages using (false); end $$`],
    [
      "in a function",
      `
      create or replace function public.protect() returns void language plpgsql as
        $$ begin execute 'create policy "mine" on realtime.messages using (false)'; end $$;
      select public.protect()`,
    ],
    [
      "in a transaction with other statements",
      `
      begin; create table public.other (id int); create policy "mine" on realtime.messages using (false);
      create policy "others" on public.other using (true); drop table public.other; commit`,
    ],
  ])("may do so %s", async (_, script) => {
    await owner.unsafe(script).simple();
    expect(await policies()).toEqual(["false"]);
    await owner.unsafe(`reset search_path; drop policy "mine" on realtime.messages`).simple();
  });

  it.each([
    "alter table realtime.messages add column mine int",
    "alter table realtime.messages disable row level security",
    "alter table realtime.messages owner to postgres",
    "drop table realtime.messages",
    "create index mine on realtime.messages (topic)",
    "create trigger mine after insert on realtime.messages execute function public.mine()",
    "create table realtime.mine (id int)",
    "set role supabase_realtime_admin",
    "select realtime.lend_policies()",
  ])("may do nothing else there: %s", async (statement) => {
    const alone = owner.unsafe(statement);
    await expect(alone).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|0A000)$/) });
    const after = owner.begin(async (tx) => {
      await tx`create policy "mine" on realtime.messages using (false)`;
      await tx.unsafe(statement);
    });
    await expect(after).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|0A000)$/) });
  });

  it("is no member of Realtime's role, also after a statement that failed", async () => {
    const member = async () => {
      const [row] = await owner`select pg_has_role('postgres', 'supabase_realtime_admin', 'member') as is`;
      return row?.is;
    };
    await expect(owner`create policy "mine" on realtime.messages using (nothing)`).rejects.toMatchObject({
      code: "42703",
    });
    expect(await member()).toBe(false);
    await owner`create policy "mine" on realtime.messages using (false)`;
    expect(await member()).toBe(false);
    await owner`drop policy "mine" on realtime.messages`;
  });

  it("may let several connections do so at once", async () => {
    const pool = postgres(project.as("postgres"), { max: 4, onnotice: () => undefined });
    await Promise.all(
      [1, 2, 3, 4].map((n) => pool.unsafe(`create policy "mine ${n}" on realtime.messages using (false)`)),
    );
    await Promise.all([1, 2, 3, 4].map((n) => pool.unsafe(`drop policy "mine ${n}" on realtime.messages`)));
    await pool.end();
  });

  it("alone: nobody else gets these rights", async () => {
    const other = project.sql.begin(async (tx) => {
      await tx`set local role service_role`;
      await tx`create policy "mine" on realtime.messages using (true)`;
    });
    await expect(other).rejects.toMatchObject({ code: "42501" });
  });
});

it("a new project has no record of migrations yet", async () => {
  const project = await createBareProject();
  expect(await project.sql`select from pg_namespace where nspname = 'supabase_migrations'`).toHaveLength(0);
  await project.drop();
});
