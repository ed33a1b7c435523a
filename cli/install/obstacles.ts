import type { TransactionSql } from "postgres";

interface Facts {
  roles: boolean;
  extensions: boolean;
  realtime: boolean;
  vault: boolean;
  create: boolean;
  taken: string | null;
  role: string;
}

/** What keeps Heddle from being installed in a database that does not have it, in one sentence; `null` if nothing does. */
export async function obstacle(tx: TransactionSql): Promise<string | null> {
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
  if (!facts) return "The database did not say what it holds.";
  if (!facts.roles || !facts.extensions) {
    return "This is no database of a Supabase project: its roles anon, authenticated and service_role or its schema extensions are missing.";
  }
  if (!facts.create) return `The user ${facts.role} may not create schemas here: connect as postgres.`;
  if (facts.taken !== null) {
    return `Schema ${facts.taken} is there already, but not from heddle install: rename or drop it first.`;
  }
  if (!facts.realtime) {
    return "The table realtime.messages is missing: enable Realtime for the project first.";
  }
  if (!facts.vault) return "Vault is missing: enable the extension supabase_vault first.";
  return null;
}
