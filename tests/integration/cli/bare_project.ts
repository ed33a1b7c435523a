import { randomUUID } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { inject } from "vitest";
import { loginUrl } from "../../../local/postgres/logins.ts";
import { createHostedProject } from "../../../local/postgres/provision.ts";
import { SUPERUSER } from "../../../local/postgres/superuser.ts";

export interface BareProject {
  name: string;
  /** As superuser. */
  sql: Sql;
  /** Connection string as any role. */
  as(role: string): string;
  drop(): Promise<void>;
}

/** Made once for a test file; every project is a copy. */
let template: Promise<string> | undefined;

/** The database of a Supabase project that has nothing of Heddle yet. */
export async function createBareProject(): Promise<BareProject> {
  const from = await (template ??= createTemplate());
  const name = newName();
  await asAdmin((admin) =>
    admin`create database ${admin(name)} template ${admin(from)} owner postgres strategy file_copy`
  );
  const as = (role: string) => loginUrl(inject("adminUrl"), role, name);
  const sql = postgres(as(SUPERUSER), { max: 2, onnotice: () => undefined });
  return {
    name,
    sql,
    as,
    async drop() {
      await sql.end();
      await asAdmin((admin) => admin`drop database ${admin(name)} with (force)`);
    },
  };
}

async function createTemplate(): Promise<string> {
  const database = newName();
  await createHostedProject({ adminUrl: inject("adminUrl"), database });
  return database;
}

function newName(): string {
  return `test_${randomUUID().replaceAll("-", "")}`;
}

async function asAdmin(work: (admin: Sql) => Promise<unknown>): Promise<void> {
  const admin = postgres(inject("adminUrl"), { max: 1 });
  await work(admin).finally(() => admin.end());
}
