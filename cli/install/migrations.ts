import { createHash } from "node:crypto";
import type { TransactionSql } from "postgres";
import { migrationTexts } from "../installation/built.ts";

/** `<version>_<name>.sql`, as the Supabase CLI names them. */
const FILE_NAME = /^(\d+)_(.*)\.sql$/;

export interface MigrationFile {
  version: string;
  name: string;
  script: string;
  /** SHA-256, lowercase hex. */
  checksum: string;
}

/** This version's migrations in their order. */
export async function migrationFiles(): Promise<MigrationFile[]> {
  const texts = await migrationTexts();
  return [...texts].filter(([file]) => FILE_NAME.test(file)).sort(([a], [b]) => a < b ? -1 : 1)
    .map(([file, script]) => {
      const [, version = "", name = ""] = FILE_NAME.exec(file) ?? [];
      return { version, name, script, checksum: createHash("sha256").update(script).digest("hex") };
    });
}

export interface History {
  /** Who applied the migrations: `heddle install`, the Supabase CLI (or `npm start`), also of `heddle init`'s files, nobody yet. */
  by: "install" | "cli" | "nobody";
  /** Versions with their checksums; the CLI keeps none. */
  applied: Map<string, string | null>;
}

/** Which of Heddle's migrations a database has. */
export async function readHistory(tx: TransactionSql, files: MigrationFile[]): Promise<History> {
  const pushed = await pushedVersions(tx, files);
  const installed = await tableExists(tx, "heddle", "migrations")
    ? await tx<{ version: string; checksum: string }[]>`select version, checksum from heddle.migrations`
    : null;
  const applied = new Map([
    ...pushed.map((version) => [version, null] as const),
    ...(installed ?? []).map(({ version, checksum }) => [version, checksum] as const),
  ]);
  // The CLI's record is later where there are both: heddle init has handed over to it.
  return { by: pushed.length > 0 ? "cli" : installed ? "install" : "nobody", applied };
}

/** The versions here of what the Supabase CLI has recorded. */
async function pushedVersions(tx: TransactionSql, files: MigrationFile[]): Promise<string[]> {
  if (!await tableExists(tx, "supabase_migrations", "schema_migrations")) return [];
  // The owner's own migrations are in the same table.
  const rows = await tx<{ version: string; name: string | null }[]>`
    select version, name from supabase_migrations.schema_migrations`;
  // heddle init gives them other versions there, and says whose they are.
  return files.filter(({ version, name }) =>
    rows.some((row) => row.name === `heddle_${name}` || row.version === version && row.name === name)
  ).map(({ version }) => version);
}

/**
 * Whether there is such a table. Asks the catalog's rows: `to_regclass` may answer from a cache that is older than a
 * lock which was waited for.
 */
export async function tableExists(tx: TransactionSql, schema: string, table: string): Promise<boolean> {
  const [row] = await tx`
    select from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${table}`;
  return row !== undefined;
}

/** Lets one `heddle install` at a time run, until its transaction ends. */
export async function lockInstallation(tx: TransactionSql): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('heddle install'))`;
}
