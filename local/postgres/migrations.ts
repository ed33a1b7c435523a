import { readdir, readFile } from "node:fs/promises";
import type { Sql, TransactionSql } from "postgres";
import { splitStatements } from "./statements.ts";

/** `<version>_<name>.sql`, as the Supabase CLI names them. */
const FILE_NAME = /^(\d+)_(.*)\.sql$/;

interface Migration {
  version: string;
  name: string;
  statements: string[];
}

interface RecordedMigration {
  version: string;
  statements: string[] | null;
}

/**
 * Applies the migrations that the database does not have yet, each in a transaction of its own, and records them
 * as the Supabase CLI does (supabase_migrations.schema_migrations), so that either can go on where the other stopped.
 * `sql` is a session of `postgres`.
 */
export async function applyMigrations(
  sql: Sql,
  dir: string,
): Promise<{ applied: string[]; changed: string[] }> {
  const migrations = await readMigrations(dir);
  const recorded = await sql.begin(readHistory);
  const unknown = [...recorded.keys()].filter((version) => !migrations.some((m) => m.version === version));
  if (unknown.length > 0) {
    throw new Error(
      `The database has migrations that this version does not know (${unknown.join(", ")}): ` +
        "update Heddle, or begin anew with npm start -- --fresh",
    );
  }
  const changed: string[] = [];
  const applied: string[] = [];
  for (const migration of migrations) {
    const statements = recorded.get(migration.version);
    if (statements === undefined) {
      await apply(sql, migration);
      applied.push(migration.version);
    } else if (statements?.join(";") !== migration.statements.join(";")) {
      changed.push(migration.version);
    }
  }
  return { applied, changed };
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const files = (await readdir(dir)).filter((file) => FILE_NAME.test(file)).sort();
  return await Promise.all(files.map(async (file) => {
    const [, version = "", name = ""] = FILE_NAME.exec(file) ?? [];
    return { version, name, statements: splitStatements(await readFile(`${dir}/${file}`, "utf8")) };
  }));
}

async function readHistory(tx: TransactionSql): Promise<Map<string, string[] | null>> {
  await tx`create schema if not exists supabase_migrations`;
  await tx`
    create table if not exists supabase_migrations.schema_migrations (
      version text not null primary key,
      statements text[],
      name text
    )`;
  const rows = await tx<RecordedMigration[]>`
    select version, statements from supabase_migrations.schema_migrations order by version`;
  return new Map(rows.map(({ version, statements }) => [version, statements]));
}

async function apply(sql: Sql, { version, name, statements }: Migration): Promise<void> {
  try {
    await sql.begin(async (tx) => {
      for (const statement of statements) await tx.unsafe(statement).simple();
      await tx`
        insert into supabase_migrations.schema_migrations (version, name, statements)
        values (${version}, ${name}, ${statements})`;
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Migration ${version}_${name} failed: ${reason}`, { cause });
  }
}
