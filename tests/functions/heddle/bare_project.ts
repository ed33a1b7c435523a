import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { inject } from "vitest";
import { provision } from "../../../local/postgres/provision.ts";

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
  const supabaseDir = await mkdtemp(join(tmpdir(), "heddle-bare-"));
  await mkdir(join(supabaseDir, "migrations"));
  await writeFile(join(supabaseDir, "seed.sql"), "");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await provision({ adminUrl: inject("adminUrl"), database: name, supabaseDir });
  await rm(supabaseDir, { recursive: true });
  const as = (role: string) => {
    const url = new URL(inject("adminUrl"));
    url.username = role;
    url.pathname = name;
    return url.href;
  };
  const sql = postgres(as("supabase_admin"), { max: 2, onnotice: () => undefined });
  // Hosted projects let `postgres` manage policies there; plain Postgres lets only the owner.
  await sql`alter table realtime.messages owner to postgres`;
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
