import type { TransactionSql } from "postgres";
import { CliError } from "../errors.ts";
import { START } from "../installation/calls.ts";
import { type History, lockInstallation, type MigrationFile, readHistory } from "./migrations.ts";

/** The migrations to apply, in order. Throws a `CliError` if they can't be applied. */
export async function pendingMigrations(
  tx: TransactionSql,
  files: MigrationFile[],
): Promise<MigrationFile[]> {
  await lockInstallation(tx);
  const history = await readHistory(tx, files);
  const pending = files.filter(({ version }) => !history.applied.has(version));
  if (history.by === "cli" && pending.length > 0) {
    throw new CliError(
      "conflict",
      `The Supabase CLI manages Heddle's migrations in this database: apply the new ones with supabase db push --remote (${START} applies its own).`,
    );
  }
  if (history.by === "install") refuseAnotherPast(files, history);
  const blocker = history.by === "nobody" ? await obstacle(tx) : null;
  if (blocker !== null) throw new CliError("conflict", blocker);
  return pending;
}

function refuseAnotherPast(files: MigrationFile[], { applied }: History): void {
  const unknown = [...applied.keys()].filter((version) => !files.some((file) => file.version === version));
  if (unknown.length > 0) {
    throw new CliError(
      "conflict",
      `The database is ahead of this version (it has ${unknown.join(", ")}): update Heddle first.`,
    );
  }
  const changed = files.find(({ version, checksum }) => (applied.get(version) ?? checksum) !== checksum);
  if (changed) {
    throw new CliError(
      "conflict",
      `The database has another ${changed.version}_${changed.name} than this version: use the version that installed it, or a later release.`,
    );
  }
}

interface Facts {
  roles: boolean;
  extensions: boolean;
  realtime: boolean;
  vault: boolean;
  create: boolean;
  taken: string | null;
  role: string;
}

/** Why Heddle can't be installed in a database that does not have it, in one sentence; `null` if it can. */
async function obstacle(tx: TransactionSql): Promise<string | null> {
  const [facts] = await tx<Facts[]>`
    select
      (select count(*) = 3 from pg_roles where rolname in ('anon', 'authenticated', 'service_role')) as roles,
      exists (select from pg_namespace where nspname = 'extensions') as extensions,
      exists (
        select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'realtime' and c.relname = 'messages'
      ) as realtime,
      exists (select from pg_namespace where nspname = 'vault')
        or exists (select from pg_available_extensions where name = 'supabase_vault') as vault,
      has_database_privilege(current_database(), 'create') as create,
      (select min(nspname) from pg_namespace where nspname in ('heddle', 'heddle_api')) as taken,
      current_user as role`;
  if (!facts) return "The database did not answer what it contains.";
  if (!facts.roles || !facts.extensions) {
    return "This is not the database of a Supabase project: its roles anon, authenticated and service_role or its schema extensions are missing.";
  }
  if (!facts.create) return `The user ${facts.role} may not create schemas here: connect as postgres.`;
  if (facts.taken !== null) {
    return `Schema ${facts.taken} already exists, but not from heddle install: rename or drop it first.`;
  }
  if (!facts.realtime) {
    return "The table realtime.messages is missing: enable Realtime for the project first.";
  }
  if (!facts.vault) return "Vault is missing: enable the extension supabase_vault first.";
  return null;
}
