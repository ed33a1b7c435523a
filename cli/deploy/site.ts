import { secretIn } from "../../shared/keys.ts";
import type { Input } from "../command.ts";
import { REF, refOfDatabase, refOfUrl, requireOneProject } from "../connection/project_ref.ts";
import { checkedKey, namedBy, type Target } from "../connection/target.ts";
import { inboxUrl } from "../commands/input.ts";
import { usageError } from "../errors.ts";

/** The hosted project to deploy to, and its credentials. */
export interface Site {
  databaseUrl?: string;
  url?: string;
  secretKey?: string;
  publishableKey?: string;
  /** Where the inbox is, or will be. */
  inboxUrl?: string;
  /** The project's id at Supabase: 20 letters. */
  ref?: string;
  /** For the management API. From the environment only: options show up in the list of processes. */
  token?: string;
}

/** Combines options and environment. Throws a `CliError` if they belong to different projects. */
export function siteOf(target: Target, input: Input, env: Record<string, string | undefined>): Site {
  const given = namedBy("project-ref", input.text, env);
  if (given !== undefined && !new RegExp(`^${REF}$`).test(given)) {
    throw usageError("--project-ref must be the project's 20 letters, such as abcdefghijklmnopqrst.");
  }
  const ofUrl = refOfUrl(target.url);
  requireOneProject({
    "--project-ref": given,
    "--url": ofUrl,
    "--database-url": refOfDatabase(target.databaseUrl),
  });
  const ref = given ?? ofUrl;
  return {
    databaseUrl: target.databaseUrl,
    url: target.url ?? (ref && `https://${ref}.supabase.co`),
    secretKey: target.secretKey,
    publishableKey: target.publishableKey,
    inboxUrl: inboxUrl(namedBy("inbox-url", input.text, env)),
    ref,
    token: checkedKey(env.SUPABASE_ACCESS_TOKEN, "SUPABASE_ACCESS_TOKEN"),
  };
}

/** Throws a `CliError` if the key that the inbox's public `config.json` will hold is a secret one. */
export function requirePublicKey({ publishableKey, secretKey }: Site): void {
  if (publishableKey === undefined) return;
  const secret = publishableKey === secretKey ? "a secret key" : secretIn(publishableKey);
  if (secret === null) return;
  throw usageError(
    `--publishable-key holds ${secret}: the inbox's config.json would show it to everybody. Give the publishable key, sb_publishable_… (HEDDLE_PUBLISHABLE_KEY).`,
  );
}
