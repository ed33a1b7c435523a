import { createHmac } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { SUPERUSER } from "./superuser.ts";

/** The role that Realtime logs in as; owns `realtime.messages`. */
export const REALTIME_ROLE = "supabase_realtime_admin";

/** Roles that log in with a password of this cluster's own. The others have the Supabase CLI's. */
const OWN_PASSWORD = [REALTIME_ROLE];
const CLI_PASSWORD = "postgres";

/** A role's password in the cluster whose superuser has this one. What is derived from it does not lead back to it. */
export function passwordOf(role: string, superuserPassword: string): string {
  if (role === SUPERUSER) return superuserPassword;
  if (!OWN_PASSWORD.includes(role)) return CLI_PASSWORD;
  return createHmac("sha256", superuserPassword).update(role).digest("base64url");
}

/** Connection string of a role to a database of the superuser's cluster, by default to the same one. */
export function loginUrl(adminUrl: string, role: string, database?: string): string {
  const url = new URL(adminUrl);
  url.password = passwordOf(role, url.password);
  url.username = role;
  if (database !== undefined) url.pathname = database;
  return url.href;
}

/** Works as whom the connection string names, and closes the connection. */
export async function withLogin<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  return await closing(postgres(url, { max: 1, onnotice: () => {} }), work);
}

/**
 * Works as superuser. Names are looked up in `pg_catalog` alone: whoever owns a database may give it another default, and
 * functions and operators of their own, which would run with the superuser's rights.
 */
export async function withSuperuser<T>(adminUrl: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const connection = { search_path: "pg_catalog" };
  return await closing(postgres(adminUrl, { max: 1, onnotice: () => {}, connection }), work);
}

async function closing<T>(sql: Sql, work: (sql: Sql) => Promise<T>): Promise<T> {
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
