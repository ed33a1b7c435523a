import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { splitStatements, withoutComments } from "../../../local/postgres/statements.ts";

const SUPABASE = resolve(import.meta.dirname, "../../../supabase");
const MIGRATIONS = join(SUPABASE, "migrations");

/** Each release's migrations: the name of the file, and its SHA-256 as lowercase hex. */
type Released = Record<string, Record<string, string>>;
type Scripts = Record<string, string>;

const released: Released = JSON.parse(readFileSync(join(SUPABASE, "released_migrations.json"), "utf8"));
const scripts: Scripts = Object.fromEntries(
  readdirSync(MIGRATIONS).sort().map((name) => [name, readFileSync(join(MIGRATIONS, name), "utf8")]),
);

const sha256 = (script: string) => createHash("sha256").update(script).digest("hex");

/** What of released files is not as it was released, or would be applied before them. */
function unfaithful(released: Release[], scripts: Scripts): string[] {
  const shipped = new Map(released.flatMap((files) => Object.entries(files)));
  const last = [...shipped.keys()].sort().at(-1) ?? "";
  return [
    ...[...shipped].filter(([name, hash]) => sha256(scripts[name] ?? "") !== hash).map(([name]) => name),
    ...Object.keys(scripts).filter((name) => !shipped.has(name) && name < last),
  ];
}
type Release = Released[string];

/** What a script makes, such as `function heddle.post(uuid, text)`. What replaces something counts too. */
function madeBy(script: string): string[] {
  return splitStatements(script).map(withoutComments).flatMap((statement) => {
    const [, kind = "", name = ""] =
      /^create (?:or replace )?(?:unlogged )?(function|table|index|unique index|trigger|type|view|schema) (?:if not exists )?([\w.]+)/i
        .exec(statement) ?? [];
    if (!name) return [];
    if (kind === "function") return [`${kind} ${name}(${parametersOf(statement)})`];
    return [
      kind === "trigger" ? `${kind} ${name} ${/ on ([\w.]+)/.exec(statement)?.[1]}` : `${kind} ${name}`,
    ];
  });
}

/** Types of a function's parameters, by which two of one name differ. */
function parametersOf(statement: string): string {
  const from = statement.indexOf("(") + 1;
  let depth = 1;
  let to = from;
  for (; depth > 0; to++) depth += statement[to] === "(" ? 1 : statement[to] === ")" ? -1 : 0;
  return statement.slice(from, to - 1).replace(/\s+/g, " ").replace(/ default [^,]+/g, "").trim();
}

describe("migrations that no release has shipped yet", () => {
  const shipped = new Set(Object.values(released).flatMap((files) => Object.keys(files)));
  const fresh = Object.entries(scripts).filter(([name]) => !shipped.has(name));

  it("make each thing once, and change or drop nothing that they have made", () => {
    const made = fresh.flatMap(([, script]) => madeBy(script));
    expect(made.length === 0 || made.length > 500).toBe(true);
    expect(made.filter((thing, place) => made.indexOf(thing) !== place)).toEqual([]);
    const changes = fresh.flatMap(([name, script]) =>
      splitStatements(script).map(withoutComments)
        .filter((statement) =>
          /^(alter|drop) (?!table [\w.]+ enable row level security$)(?!policy)/i.test(statement)
        )
        .map((statement) => `${name}: ${statement}`)
    );
    expect(changes).toEqual([]);
  });

  it("have the policies alone in the last file: they lock the platform's tables", () => {
    const holding = fresh.map(([, script]) => /^create policy/m.test(script));
    expect(holding.slice(0, -1)).not.toContain(true);
  });

  it("have topics of their own, by which a project with other versions knows them", () => {
    const topics = Object.keys(scripts).map((name) => name.replace(/^\d{14}_/, ""));
    expect(new Set(topics).size).toBe(topics.length);
  });
});

describe("a migration that was released", () => {
  it("stays as it was, and what comes later has a later name", () => {
    expect(unfaithful(Object.values(released), scripts)).toEqual([]);
  });

  it("is missed by this test where it was edited, removed, or overtaken", () => {
    const before = { "1_a.sql": "select 1;", "3_b.sql": "select 2;" };
    const release = Object.fromEntries(
      Object.entries(before).map(([name, script]) => [name, sha256(script)]),
    );
    expect(unfaithful([release], { ...before, "4_c.sql": "select 3;" })).toEqual([]);
    expect(unfaithful([release], { ...before, "1_a.sql": "select 0;" })).toEqual(["1_a.sql"]);
    expect(unfaithful([release], { "3_b.sql": "select 2;" })).toEqual(["1_a.sql"]);
    expect(unfaithful([release], { ...before, "2_c.sql": "select 3;" })).toEqual(["2_c.sql"]);
  });
});
