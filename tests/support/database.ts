import { randomUUID } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { inject } from "vitest";
import { loginUrl, REALTIME_ROLE } from "../../local/postgres/logins.ts";
import { SUPERUSER } from "../../local/postgres/superuser.ts";
import { keepSecretsOf } from "./logs.ts";

export interface TestDatabase {
  name: string;
  /** As `postgres`, the role that owns the database and Heddle's schemas. */
  url: string;
  /** As superuser. */
  adminUrl: string;
  /** As superuser. */
  sql: Sql;
  /** Connection string as any role. */
  as(role: string): string;
  /** What tells a stack, or Realtime alone, to use it. */
  env: Record<string, string>;
  drop(): Promise<void>;
}

export interface DatabaseCluster {
  /** Superuser's connection string. */
  adminUrl: string;
  /** The database that new ones are copied from. */
  template: string;
}

/** A database of the test's own: migrations and seed applied, nobody else in it. */
export async function createDatabase(cluster: DatabaseCluster = sharedCluster()): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await asAdmin(
    cluster,
    // Copied page by page through the WAL, as is the default, it takes twice the time.
    (sql) =>
      sql`create database ${sql(name)} template ${sql(cluster.template)} owner postgres strategy file_copy`,
  );
  const as = (role: string) => loginUrl(cluster.adminUrl, role, name);
  const adminUrl = as(SUPERUSER);
  const sql = postgres(adminUrl, { max: 4, onnotice: () => {} });
  return {
    name,
    url: as("postgres"),
    adminUrl,
    sql,
    as,
    env: {
      HEDDLE_LOCAL_DATABASE_URL: as("postgres"),
      HEDDLE_LOCAL_REALTIME_DATABASE_URL: as(REALTIME_ROLE),
    },
    async drop() {
      await keepSecretsOf(sql);
      await sql.end();
      await asAdmin(cluster, (admin) => admin`drop database ${admin(name)} with (force)`);
    },
  };
}

/** The one that all tests of a run share. */
function sharedCluster(): DatabaseCluster {
  return { adminUrl: inject("adminUrl"), template: inject("template") };
}

async function asAdmin({ adminUrl }: DatabaseCluster, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(adminUrl, { max: 1 });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}

/** Leaves every rate bucket that is there empty for an hour: on a slow machine a token would come back between two calls. */
export async function drainBuckets(sql: Sql): Promise<void> {
  await sql`update heddle.rate_buckets set full_at = clock_timestamp() + interval '1 hour'`;
}
