import type { Input } from "../command.ts";
import { checkedKey, namedBy, type Target } from "../connection/target.ts";
import { Misuse } from "../failure.ts";

/** The hosted project to deploy to, and what opens it. */
export interface Site {
  databaseUrl?: string;
  url?: string;
  secretKey?: string;
  /** The project's id at Supabase: 20 letters. */
  ref?: string;
  /** Opens the management API. From the environment alone: options show up in the list of processes. */
  token?: string;
}

const REF = "[a-z0-9]{20}";
const IN_URL = new RegExp(`^https://(${REF})\\.supabase\\.(?:co|in|red)$`);
const IN_DATABASE_HOST = new RegExp(`^db\\.(${REF})\\.supabase\\.`);
const IN_POOLER_USER = new RegExp(`^[a-z_]+\\.(${REF})$`);

/** Puts the project together. Throws a `Failure` when its parts belong to different projects. */
export function siteOf(target: Target, input: Input, env: Record<string, string | undefined>): Site {
  const given = namedBy("project-ref", input.text, env);
  if (given !== undefined && !new RegExp(`^${REF}$`).test(given)) {
    throw new Misuse("--project-ref must be the project's 20 letters, such as abcdefghijklmnopqrst.");
  }
  const ofUrl = IN_URL.exec(target.url ?? "")?.[1];
  const ofDatabase = refOfDatabase(target.databaseUrl);
  const refs = Object.entries({ "--project-ref": given, "--url": ofUrl, "--database-url": ofDatabase })
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  const [first, ...others] = refs;
  const other = others.find(([, ref]) => ref !== first?.[1]);
  if (first && other) {
    throw new Misuse(
      `${first[0]} belongs to the project ${first[1]}, but ${other[0]} to ${other[1]}: nothing was deployed.`,
    );
  }
  const ref = given ?? ofUrl;
  return {
    databaseUrl: target.databaseUrl,
    url: target.url ?? (ref && `https://${ref}.supabase.co`),
    secretKey: target.secretKey,
    ref,
    token: checkedKey(env.SUPABASE_ACCESS_TOKEN, "SUPABASE_ACCESS_TOKEN"),
  };
}

function refOfDatabase(databaseUrl: string | undefined): string | undefined {
  if (databaseUrl === undefined || !URL.canParse(databaseUrl)) return undefined;
  const { hostname, username } = new URL(databaseUrl);
  return IN_DATABASE_HOST.exec(hostname)?.[1] ?? IN_POOLER_USER.exec(username)?.[1];
}
