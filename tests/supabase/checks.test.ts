import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Checkout, checkSupabase, foundIn, type Report, reportOn } from "./support/checkout.ts";

const TYPES = "supabase/functions/_shared/database/database_types.ts";
const NEW_MIGRATION = "supabase/migrations/20990101000000_new.sql";

describe("this checkout", () => {
  it("passes, leaves nothing behind, and ends with the counts", async () => {
    const checkout = new Checkout();
    const temporary = mkdtempSync(join(tmpdir(), "heddle-temporary-"));
    chmodSync(temporary, 0o755); // Postgres runs as another user, if this is root
    const { code, stdout } = await checkSupabase(checkout, [], { TMPDIR: temporary });
    expect(stdout).toMatch(/\n\n15 passed, 0 failed\n$/);
    expect(code).toBe(0);
    expect(readdirSync(join(checkout.folder, "supabase")).sort()).toEqual(
      ["config.toml", "functions", "migrations", "seed.sql"],
    );
    // A copy of Postgres' binaries is kept for the next start.
    expect(readdirSync(temporary).filter((name) => !name.startsWith("embedded-postgres-"))).toEqual([]);
    checkout.remove();
    rmSync(temporary, { recursive: true });
  });
});

describe("of faults that have nothing to do with each other", () => {
  let report: Report;
  let found: Record<string, string>;

  beforeAll(async () => {
    report = await reportOn((checkout) => {
      checkout.replace(TYPES, '"p_key_hash": string', '"p_key": string');
      checkout.write(NEW_MIGRATION, tableNamedLikeItsDatabase());
      checkout.replace("docs/deploy.md", "supabase db push --remote", "supabase db push");
      const first = (name: string, line: string) =>
        checkout.replace(`supabase/functions/${name}/index.ts`, "import", `${line}\nimport`);
      first("realtime-publish", 'throw new Error("planted");');
      first("tab-action", 'import "left-pad";');
      first("tab-fetch", 'import type { Nobody } from "../_shared/nowhere.ts";\nexport type { Nobody };');
      checkout.replace("supabase/config.toml", "[functions.validate-widget]", "[functions.validate-wigdet]");
    });
    found = foundIn(report);
  });

  it("each turns its own line red and no other", () => {
    expect(Object.keys(found)).toEqual([
      "drift",
      "types",
      "function:realtime-publish",
      "function:tab-action",
      "function:tab-fetch",
      "function:validate-widget",
      "documents",
    ]);
    expect(report).toMatchObject({ ok: false, passed: 8, failed: 7 });
  });

  it.each([
    [
      "stale types",
      "types",
      /^- "publish_context": .*"p_key": string[\s\S]*\+ "publish_context": .*"p_key_hash"/m,
    ],
    [
      "a migration that the local stack applies otherwise",
      "drift",
      /CREATE TABLE "heddle"."made_in_migrated"/,
    ],
    ["a function that does not boot", "function:realtime-publish", /It ended while it booted[\s\S]*planted/],
    [
      "a package that no import map names",
      "function:tab-action",
      /tab-action\/index\.ts imports left-pad: .*not in import map/,
    ],
    [
      "an import that leads nowhere, of a type only",
      "function:tab-fetch",
      /tab-fetch\/index\.ts imports \.\.\/_shared\/nowhere\.ts: Module not found/,
    ],
    ["a function whose callers need a JWT", "function:validate-widget", /ask its callers for a JWT/],
    [
      "a documented command that acts on the local stack",
      "documents",
      /docs\/deploy\.md: supabase db push\n.*Without --remote/,
    ],
  ])("it names %s", (_, id, words) => expect(found[id]).toMatch(words));

  it("it says of each what to do", () => {
    const failures = report.checks.filter(({ status }) => status === "failed");
    expect(failures.every(({ fix = "" }) => fix.length > 10)).toBe(true);
  });
});

describe("a table without row level security in an exposed schema", () => {
  it("is what the advisors find", async () => {
    const report = await reportOn((checkout) =>
      checkout.write(
        NEW_MIGRATION,
        "create table heddle_api.notes (id int primary key); grant select on heddle_api.notes to anon;",
      )
    );
    const found = foundIn(report);
    expect(Object.keys(found)).toEqual(["advisors", "types"]);
    expect(found["advisors"]).toMatch(
      /^ERROR Table `heddle_api.notes` is public, but RLS has not been enabled/,
    );
  });
});

describe("what hosted Supabase would refuse", () => {
  it.each([
    ["a column in Realtime's table", "alter table realtime.messages add column mine int;"],
    [
      "a trigger on it",
      `create function heddle.mine() returns trigger language plpgsql as 'begin return new; end';
      create trigger mine after insert on realtime.messages execute function heddle.mine();`,
    ],
  ])("is refused here: %s", async (_, script) => {
    const report = await reportOn((checkout) => checkout.write(NEW_MIGRATION, script));
    const found = foundIn(report);
    expect(Object.keys(found)).toEqual(["migrations", "local-up-to-date"]);
    expect(found["migrations"]).toMatch("must be owner of table messages");
    expect(report.checks.find(({ id }) => id === "types")).toMatchObject({ status: "unchecked" });
  });
});

describe("a project that the CLI can't read", () => {
  it("is one with a setting that means nothing", async () => {
    const report = await reportOn((checkout) =>
      checkout.replace("supabase/config.toml", "port = 54321", 'port = "x"')
    );
    expect(foundIn(report)).toEqual({
      config: expect.stringMatching(/^Invalid api\.port in supabase\/config\.toml/),
    });
    expect(report.checks.filter(({ status }) => status === "passed").map(({ id }) => id)).toEqual([
      "documents",
    ]);
  });

  it("is one with a migration whose name holds no time", async () => {
    const report = await reportOn((checkout) => checkout.write("supabase/migrations/notes.sql", "select 1;"));
    expect(foundIn(report)["config"]).toMatch(/notes\.sql/);
  });
});

describe("--write-types", () => {
  it("writes what the check then finds", async () => {
    const checkout = new Checkout();
    const committed = readFileSync(join(checkout.folder, TYPES), "utf8");
    checkout.write(TYPES, "");
    const { code, stdout } = await checkSupabase(checkout, ["--write-types"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `Wrote ${TYPES}.\n` });
    expect(readFileSync(join(checkout.folder, TYPES), "utf8")).toBe(committed);
    checkout.remove();
  });
});

/** The CLI's database and that of npm start get different tables by it. */
function tableNamedLikeItsDatabase(): string {
  return "do $$ begin execute format('create table heddle.%I (id int primary key)', 'made_in_' || current_database()); end $$;";
}
