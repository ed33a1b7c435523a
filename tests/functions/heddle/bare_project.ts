import { randomUUID } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { inject } from "vitest";
import { createHostedProject } from "../../../local/postgres/hosted_project.ts";

export interface BareProject {
  name: string;
  /** As superuser. */
  sql: Sql;
  /** Connection string as any role. */
  as(role: string): string;
  drop(): Promise<void>;
}

/** The database of a Supabase project that has nothing of Heddle yet. */
export async function createBareProject(): Promise<BareProject> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await createHostedProject({ adminUrl: inject("adminUrl"), database: name });
  const as = (role: string) => {
    const url = new URL(inject("adminUrl"));
    url.username = role;
    url.pathname = name;
    return url.href;
  };
  const sql = postgres(as("supabase_admin"), { max: 2, onnotice: () => undefined });
  return {
    name,
    sql,
    as,
    async drop() {
      await sql.end();
      const admin = postgres(inject("adminUrl"), { max: 1 });
      await admin`drop database ${admin(name)} with (force)`;
      await admin.end();
    },
  };
}
