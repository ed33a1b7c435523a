import { readFile } from "node:fs/promises";
import postgres from "postgres";
import { applyMigrations } from "./migrations.ts";
import { applySeed } from "./seed.ts";

const BOOTSTRAP = new URL("bootstrap.sql", import.meta.url);

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
  /** Versions of migrations whose file is no longer what was applied: the database must be made anew to get it. */
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

/** Brings a database to what a Supabase project holds before its first migration, then does the work in it as superuser. */
export async function withProject<T>(
  { adminUrl, database }: Pick<ProvisionOptions, "adminUrl" | "database">,
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  await createDatabase(adminUrl, database);
  const url = new URL(adminUrl);
  url.pathname = database;
  return await withConnection(url.href, async (sql) => {
    await bootstrap(sql);
    return await work(sql);
  });
}

async function createDatabase(adminUrl: string, database: string): Promise<void> {
  await withConnection(adminUrl, async (sql) => {
    const [existing] = await sql`select from pg_database where datname = ${database}`;
    if (!existing) await sql`create database ${sql(database)}`;
  });
}

async function bootstrap(sql: postgres.Sql): Promise<void> {
  const script = await readFile(BOOTSTRAP, "utf8");
  await sql.begin((tx) => tx.unsafe(script).simple());
}

async function withConnection<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
