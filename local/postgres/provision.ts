import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import postgres, { type Sql } from "postgres";
import { asPostgres, runStatements } from "./as_postgres.ts";
import { applyMigrations } from "./migrations.ts";
import { splitStatements } from "./statements.ts";

const BOOTSTRAP = new URL("bootstrap.sql", import.meta.url);
const HOSTED_POLICIES = new URL("hosted_policies.sql", import.meta.url);
/** The seed's path in the CLI's records, relative to the project. */
const RECORDED_SEED = "supabase/seed.sql";

export interface ProvisionOptions {
  /** Superuser's connection to any database of the cluster. */
  adminUrl: string;
  /** Created if it does not exist. */
  database: string;
  /** Folder with `migrations/` and `seed.sql`. */
  supabaseDir: string;
}

export interface Provisioned {
  /** Versions of the migrations that this call applied. */
  applied: string[];
  /** Versions of migrations whose file is no longer what was applied: only a new database gets the change. */
  changed: string[];
}

/**
 * Brings a database to what a Supabase project with Heddle's migrations and the seed holds. Calling it again
 * applies only what is new. The superuser plays the platform; migrations and seed see only the role `postgres`.
 */
export async function provision(options: ProvisionOptions): Promise<Provisioned> {
  return await withProject(options, async (sql) => {
    const result = await applyMigrations(sql, `${options.supabaseDir}/migrations`);
    await applySeed(sql, `${options.supabaseDir}/seed.sql`);
    return result;
  });
}

/**
 * Brings a database to what a new hosted project holds: whoever connects to it as `postgres` may manage policies on Realtime's
 * table and change nothing else there. For trying migrations, not for Realtime, which could make no partitions in it.
 */
export async function createHostedProject(
  options: Pick<ProvisionOptions, "adminUrl" | "database">,
): Promise<void> {
  const hostedPolicies = await readFile(HOSTED_POLICIES, "utf8");
  await withProject(options, (sql) => sql.unsafe(hostedPolicies).simple());
}

/** Brings a database to what a Supabase project holds before its first migration, then does the work in it as superuser. */
async function withProject<T>(
  { adminUrl, database }: Pick<ProvisionOptions, "adminUrl" | "database">,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  await createDatabase(adminUrl, database);
  const url = new URL(adminUrl);
  url.pathname = database;
  return await withConnection(url.href, async (sql) => {
    await bootstrap(sql);
    return await work(sql);
  });
}

/** Applies the seed unless the database has had one, recorded as the Supabase CLI does (supabase_migrations.seed_files). */
async function applySeed(sql: Sql, file: string): Promise<void> {
  const script = await readFile(file, "utf8");
  await asPostgres(sql, async (tx) => {
    await tx`
      create table if not exists supabase_migrations.seed_files (
        path text not null primary key,
        hash text not null
      )`;
    const [seeded] = await tx`select from supabase_migrations.seed_files where path = ${RECORDED_SEED}`;
    if (seeded) return;
    await runStatements(tx, splitStatements(script));
    const hash = createHash("sha256").update(script).digest("hex");
    await tx`insert into supabase_migrations.seed_files (path, hash) values (${RECORDED_SEED}, ${hash})`;
  });
}

async function createDatabase(adminUrl: string, database: string): Promise<void> {
  await withConnection(adminUrl, async (sql) => {
    const [existing] = await sql`select from pg_database where datname = ${database}`;
    if (!existing) await sql`create database ${sql(database)}`;
  });
}

async function bootstrap(sql: Sql): Promise<void> {
  const script = await readFile(BOOTSTRAP, "utf8");
  await sql.begin((tx) => tx.unsafe(script).simple());
}

async function withConnection<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
