import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDatabase } from "../../support/database.ts";
import { type BareProject, createBareProject } from "./bare_project.ts";
import { heddle, heddleJson, type Run } from "./run.ts";

const MIGRATIONS = readdirSync(fileURLToPath(new URL("../../../supabase/migrations", import.meta.url)))
  .map((file) => file.replace(/\.sql$/, "")).sort();

let project: BareProject;
beforeEach(async () => {
  project = await createBareProject();
});
afterEach(() => project.drop());

function install(role = "postgres", words: string[] = []): Promise<Run> {
  return heddle(["install", ...words], { env: { HEDDLE_DATABASE_URL: project.as(role) } });
}

const env = () => ({ HEDDLE_DATABASE_URL: project.as("postgres") });
const recorded = async () =>
  (await project.sql`select version || '_' || name as file from heddle.migrations order by version`)
    .map(({ file }) => file);
/** Everything of ours, with what changes when it is made anew. */
const objects = () =>
  project.sql`
    select oid, xmin::text from pg_class where relnamespace = 'heddle'::regnamespace
    union all select oid, xmin::text from pg_proc where pronamespace = 'heddle_api'::regnamespace
    union all select oid, xmin::text from pg_policy order by 1`;

describe("install", () => {
  it("brings an existing project to this version, for the other commands to use", async () => {
    const { code, stdout, stderr } = await install();
    expect(stdout).toMatch(new RegExp(`^Installed Heddle: ${MIGRATIONS.length} migrations applied\\.`));
    expect(stderr.match(/^ {2}✓ \d+_\w+$/gm)).toHaveLength(MIGRATIONS.length);
    expect(code).toBe(0);
    expect(await recorded()).toEqual(MIGRATIONS);
    const agent = await heddleJson<{ id: string }>(["agent", "create", "--name", "Mine"], env());
    expect(await heddleJson(["agent", "list"], env())).toEqual([expect.objectContaining({ id: agent.id })]);
  });

  it("leaves a database in which doctor finds no fault", async () => {
    await install();
    const { ok, checks } = await heddleJson<{ ok: boolean; checks: { id: string; status: string }[] }>(
      ["doctor"],
      env(),
    );
    expect(ok).toBe(true);
    const green = checks.filter(({ status }) => status === "ok").map(({ id }) => id);
    expect(green).toEqual([
      "database",
      "migrations",
      "outside",
      "grants",
      "listen",
      "malformed",
      "forge",
      "inbox",
      "webhooks",
      "mails",
      "event-webhooks",
    ]);
  });

  it("changes nothing when it runs again", async () => {
    await install();
    const before = [...await objects()];
    const { code, stdout } = await install();
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `Up to date: the database has all ${MIGRATIONS.length} migrations.\n`,
    });
    expect([...await objects()]).toEqual(before);
  });

  it("applies only what is new", async () => {
    await install();
    await heddleJson(["agent", "create", "--name", "Kept"], env());
    await project.sql`delete from heddle.migrations where name = 'realtime_policies'`;
    const { applied } = await heddleJson<{ applied: string[] }>(["install"], env());
    expect(applied).toEqual([expect.stringMatching(/_realtime_policies$/)]);
    expect(await recorded()).toEqual(MIGRATIONS);
    expect(await heddleJson(["agent", "list"], env())).toEqual([expect.objectContaining({ name: "Kept" })]);
  });

  it("says what it would do with --dry-run, and does nothing", async () => {
    const { stdout } = await install("postgres", ["--dry-run"]);
    expect(stdout).toBe(`Would apply:\n${MIGRATIONS.map((name) => `  ${name}\n`).join("")}`);
    const [row] = await project.sql`select to_regnamespace('heddle') as schema`;
    expect(row?.schema).toBeNull();
  });

  it("continues where it was interrupted", async () => {
    await project.sql`alter event trigger lend_policies disable`;
    const { code, stderr } = await install();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Migration \d+_realtime_policies failed\. Must be owner of .*\. Connect as postgres, .*\. What was applied before it stays; /m,
    );
    const policies = MIGRATIONS.findIndex((name) => name.endsWith("_realtime_policies"));
    expect(await recorded()).toEqual(MIGRATIONS.slice(0, policies));
    await project.sql`alter event trigger lend_policies enable`;
    const { applied } = await heddleJson<{ applied: string[] }>(["install"], env());
    expect(applied).toEqual(MIGRATIONS.slice(policies));
  });

  it("may run twice at the same time", async () => {
    const runs = await Promise.all([install(), install()]);
    expect(runs.map(({ code, stderr }) => ({ code, errors: stderr.replace(/^ {2}✓.*\n/gm, "") }))).toEqual([
      { code: 0, errors: "" },
      { code: 0, errors: "" },
    ]);
    expect(await recorded()).toEqual(MIGRATIONS);
  });

  it("leaves the record out of everybody's reach", async () => {
    await install();
    const [row] = await project.sql`
      select relrowsecurity, has_table_privilege('service_role', oid, 'select, insert, update, delete') as open
      from pg_class where oid = 'heddle.migrations'::regclass`;
    expect(row).toEqual({ relrowsecurity: true, open: false });
  });
});

describe("install refuses, in one sentence,", () => {
  it.each([
    ["a schema of that name", "create schema heddle_api", /^Schema heddle_api already exists/],
    [
      "a project without Realtime",
      "drop table realtime.messages",
      /^The table realtime\.messages is missing/,
    ],
    ["a project without Vault", "drop schema vault cascade", /^Vault is missing/],
    [
      "what is no Supabase project",
      "drop schema extensions cascade",
      /^This is not the database of a Supabase project/,
    ],
  ])("%s", async (_, statement, sentence) => {
    await project.sql.unsafe(statement);
    const { code, stdout, stderr } = await install();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("a user who may not create schemas", async () => {
    expect((await install("authenticator")).stderr).toBe(
      "The user authenticator may not create schemas here: connect as postgres.\n",
    );
  });

  it("a database that is ahead of this version", async () => {
    await install();
    await project
      .sql`insert into heddle.migrations (version, name, checksum) values ('20990101000000', 'new', 'x')`;
    expect((await install()).stderr).toBe(
      "The database is ahead of this version (it has 20990101000000): update Heddle first.\n",
    );
  });

  it("a database that was installed from other files", async () => {
    await install();
    await project.sql`update heddle.migrations set checksum = 'x' where name = 'widget'`;
    expect((await install()).stderr).toMatch(/^The database has another \d+_widget than this version: /);
  });

  it("a database whose migrations the Supabase CLI keeps, unless all are there", async () => {
    const database = await createDatabase();
    const run = () => heddle(["install"], { env: { HEDDLE_DATABASE_URL: database.url } });
    expect((await run()).stdout).toMatch(/^Up to date: /);
    await database.sql`delete from supabase_migrations.schema_migrations where name = 'realtime_policies'`;
    expect((await run()).stderr).toMatch(/^The Supabase CLI manages Heddle's migrations in this database: /);
    await database.drop();
  });

  it("to guess the database", async () => {
    const env = { HEDDLE_URL: "http://127.0.0.1:1", HEDDLE_SECRET_KEY: "k" };
    expect((await heddle(["install"], { env })).stderr).toMatch(/^install needs --database-url/);
  });
});
