import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";
import { loginUrl, passwordOf, REALTIME_ROLE, withLogin, withSuperuser } from "./logins.ts";
import { applyMigrations } from "./migrations.ts";
import { SUPERUSER } from "./superuser.ts";

const ROLES = new URL("roles.sql", import.meta.url);
/** What a database holds, in this order. */
const BOOTSTRAP = ["bootstrap.sql", "auth.sql"].map((name) => new URL(name, import.meta.url));
/** The seed's path in the CLI's records, relative to the project. */
const RECORDED_SEED = "supabase/seed.sql";

export interface ProvisionOptions {
  /** Superuser's connection to the cluster's database `postgres`. */
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
 * applies only what is new. The superuser plays the platform, before anything else; migrations and seed run in a session of `postgres`.
 */
export async function provision(options: ProvisionOptions): Promise<Provisioned> {
  await createHostedProject(options);
  return await withLogin(loginUrl(options.adminUrl, "postgres", options.database), async (sql) => {
    const result = await applyMigrations(sql, `${options.supabaseDir}/migrations`);
    await applySeed(sql, `${options.supabaseDir}/seed.sql`);
    return result;
  });
}

/** Brings a database to what a Supabase project holds before its first migration. */
export async function createHostedProject(
  { adminUrl, database }: Pick<ProvisionOptions, "adminUrl" | "database">,
): Promise<void> {
  const [roles = "", ...bootstrap] = await Promise.all(
    [ROLES, ...BOOTSTRAP].map((file) => readFile(file, "utf8")),
  );
  const realtimePassword = passwordOf(REALTIME_ROLE, new URL(adminUrl).password);
  await withSuperuser(adminUrl, async (sql) => {
    await sql.begin(async (tx) => {
      await tx`set local log_min_error_statement = 'panic'`; // one of the statements holds a password
      await tx.unsafe(roles).simple();
      // Takes no parameters; base64url needs no quoting.
      await tx.unsafe(`alter role ${REALTIME_ROLE} password '${realtimePassword}'`);
    });
    const [existing] = await sql`select from pg_database where datname = ${database}`;
    if (!existing) await sql`create database ${sql(database)}`;
  });
  await withSuperuser(
    loginUrl(adminUrl, SUPERUSER, database),
    (sql) => sql.begin((tx) => tx.unsafe(bootstrap.join("\n")).simple()),
  );
}

/** Applies the seed unless the database has had one, recorded as the Supabase CLI does (supabase_migrations.seed_files). */
async function applySeed(sql: Sql, file: string): Promise<void> {
  const script = await readFile(file, "utf8");
  await sql.begin(async (tx) => {
    await tx`
      create table if not exists supabase_migrations.seed_files (
        path text not null primary key,
        hash text not null
      )`;
    const [seeded] = await tx`select from supabase_migrations.seed_files where path = ${RECORDED_SEED}`;
    if (seeded) return;
    await tx.unsafe(script).simple();
    const hash = createHash("sha256").update(script).digest("hex");
    await tx`insert into supabase_migrations.seed_files (path, hash) values (${RECORDED_SEED}, ${hash})`;
  });
}
