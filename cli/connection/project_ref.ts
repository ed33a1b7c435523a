import { usageError } from "../errors.ts";

/** Pattern of a project's id at Supabase. */
export const REF = "[a-z0-9]{20}";
const IN_URL = new RegExp(`^https://(${REF})\\.supabase\\.(?:co|in|red)$`);
const IN_DATABASE_HOST = new RegExp(`^db\\.(${REF})\\.supabase\\.`);
const IN_POOLER_USER = new RegExp(`^[a-z_]+\\.(${REF})$`);

/** The project that an address belongs to, if the address contains it. */
export function refOfUrl(url: string | undefined): string | undefined {
  return IN_URL.exec(url ?? "")?.[1];
}

/** The project that a database belongs to, if its host or its pooler's user contains it. */
export function refOfDatabase(databaseUrl: string | undefined): string | undefined {
  if (databaseUrl === undefined || !URL.canParse(databaseUrl)) return undefined;
  const { hostname, username } = new URL(databaseUrl);
  return IN_DATABASE_HOST.exec(hostname)?.[1] ?? IN_POOLER_USER.exec(username)?.[1];
}

/** A project's address, also of one whose database alone is named; `undefined` if that does not tell. */
export function addressOf({ url, databaseUrl }: { url?: string; databaseUrl?: string }): string | undefined {
  if (url !== undefined) return url;
  const ref = refOfDatabase(databaseUrl);
  return ref === undefined ? undefined : `https://${ref}.supabase.co`;
}

/** Throws a `CliError` when options, or their variables, belong to different projects. */
export function requireOneProject(refs: Record<string, string | undefined>): void {
  const known = Object.entries(refs).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const [first, ...others] = known;
  const other = others.find(([, ref]) => ref !== first?.[1]);
  if (!first || !other) return;
  throw usageError(
    `${first[0]} belongs to the project ${first[1]}, but ${other[0]} to ${
      other[1]
    }: nothing was tried. The environment may name one of them (HEDDLE_…).`,
  );
}
