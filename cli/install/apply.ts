import type { Sql, TransactionSql } from "postgres";
import { asSentence } from "../connection/rest.ts";
import { CliError, messageOf } from "../errors.ts";
import { lockInstallation, type MigrationFile, tableExists } from "./migrations.ts";

/** Longer than Realtime's transactions: policies lock one of the platform's tables. */
const LOCK_TIMEOUT = "10s";
const LOCK_NOT_AVAILABLE = "55P03";
const INSUFFICIENT_PRIVILEGE = "42501";

/**
 * Applies one migration and records it, in a transaction of its own. False if another installation did so meanwhile.
 * Throws a `CliError`; nothing of the migration stays then.
 */
export async function applyMigration(sql: Sql, file: MigrationFile): Promise<boolean> {
  try {
    const { applied } = await sql.begin(async (tx) => ({ applied: await applyIn(tx, file) }));
    return applied;
  } catch (error) {
    throw explained(error, file);
  }
}

async function applyIn(tx: TransactionSql, file: MigrationFile): Promise<boolean> {
  await lockInstallation(tx);
  if (await isRecorded(tx, file.version)) return false;
  await tx`select set_config('lock_timeout', ${LOCK_TIMEOUT}, true)`;
  await tx.unsafe(file.script).simple();
  // The first migration makes the schema.
  await tx.unsafe(`
    create table if not exists heddle.migrations (
      version text primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    );
    alter table heddle.migrations enable row level security;
    comment on table heddle.migrations is 'What heddle install applied. checksum: SHA-256 of the file.'`)
    .simple();
  await tx`
    insert into heddle.migrations (version, name, checksum)
    values (${file.version}, ${file.name}, ${file.checksum})`;
  await tx`notify pgrst, 'reload schema'`;
  return true;
}

async function isRecorded(tx: TransactionSql, version: string): Promise<boolean> {
  if (!await tableExists(tx, "heddle", "migrations")) return false;
  const [row] = await tx`select from heddle.migrations where version = ${version}`;
  return row !== undefined;
}

function explained(error: unknown, { version, name }: MigrationFile): CliError {
  const { code = "" } = error as { code?: string };
  const stays = "What was applied before it stays; install again continues from there.";
  if (code === LOCK_NOT_AVAILABLE) {
    return new CliError(
      "conflict",
      `Migration ${version}_${name} waited too long for a table that is in use. ${stays}`,
    );
  }
  const hint = code === INSUFFICIENT_PRIVILEGE
    ? "connect as postgres, who may do that in a Supabase project"
    : null;
  return new CliError(
    code === INSUFFICIENT_PRIVILEGE ? "access_denied" : "rejected",
    `Migration ${version}_${name} failed. ${asSentence(messageOf(error), hint)} ${stays}`,
  );
}
