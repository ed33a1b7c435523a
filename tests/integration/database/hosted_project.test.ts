import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BareProject, createBareProject } from "../cli/bare_project.ts";

let project: BareProject;
let owner: Sql;

beforeAll(async () => {
  project = await createBareProject();
  owner = postgres(project.as("postgres"), { max: 1, onnotice: () => undefined });
});

afterAll(async () => {
  await owner.end({ timeout: 1 });
  await project.drop();
});

describe("the owner of a new hosted project", () => {
  it("may manage policies on Realtime's table", async () => {
    await owner`create policy "mine" on realtime.messages for select to anon using (false)`;
    await owner`alter policy "mine" on realtime.messages using (true)`;
    await owner`drop policy "mine" on realtime.messages`;
    expect(await owner`select from pg_policies where policyname = 'mine'`).toHaveLength(0);
  });

  it.each([
    "alter table realtime.messages add column mine int",
    "alter table realtime.messages disable row level security",
    "create index mine on realtime.messages (topic)",
    "create trigger mine after insert on realtime.messages execute function public.mine()",
    "create table realtime.mine (id int)",
  ])("may do nothing else there: %s", async (statement) => {
    await owner`create or replace function public.mine() returns trigger language plpgsql as 'begin return new; end'`;
    await expect(owner.unsafe(statement)).rejects.toMatchObject({
      code: "42501",
    });
  });

  it("has no record of migrations yet", async () => {
    expect(await owner`select from pg_namespace where nspname = 'supabase_migrations'`).toHaveLength(0);
  });
});
