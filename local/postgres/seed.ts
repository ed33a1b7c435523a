import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";
import { asPostgres, runStatements } from "./as_postgres.ts";
import { splitStatements } from "./statements.ts";

/** The seed's path in the CLI's records, relative to the project. */
const RECORDED_PATH = "supabase/seed.sql";

/** Applies the seed unless the database has had one, recorded as the Supabase CLI does (supabase_migrations.seed_files). */
export async function applySeed(sql: Sql, file: string): Promise<void> {
  const script = await readFile(file, "utf8");
  await asPostgres(sql, async (tx) => {
    await tx`
      create table if not exists supabase_migrations.seed_files (
        path text not null primary key,
        hash text not null
      )`;
    const [seeded] = await tx`select from supabase_migrations.seed_files where path = ${RECORDED_PATH}`;
    if (seeded) return;
    await runStatements(tx, splitStatements(script));
    const hash = createHash("sha256").update(script).digest("hex");
    await tx`insert into supabase_migrations.seed_files (path, hash) values (${RECORDED_PATH}, ${hash})`;
  });
}
