import type postgres from "postgres";
import { type Check as AnyCheck, type Finding, unchecked } from "../checks.ts";

/** What the checks may use. A missing field was not given, or could not be reached. */
export interface Subject {
  url?: string;
  /** Why there is no `url` although one was given, in a sentence. */
  urlFault?: string;
  secretKey?: string;
  publishableKey?: string;
  /** What `publishableKey` holds instead of a publishable key: no check then uses it. */
  publishableKeyFault?: string;
  sql?: postgres.Sql;
  /** Why there is no `sql` although a database was given, in a sentence. */
  databaseFault?: string;
  /** Names of the functions' secrets; there with an access token for a hosted project. */
  secretNames?: () => Promise<string[]>;
  /** Names of the functions that the project does without. */
  leftOut: string[];
  /** Milliseconds to wait for a broadcast that should not come: a forbidden one is never answered. */
  silenceMs: number;
  /** Milliseconds for a broadcast that should come. */
  patienceMs: number;
}

export type Check = AnyCheck<Subject>;

export const NO_DATABASE = unchecked("needs --database-url, of a database that answers");

/** Why a check is skipped: the options that it needs were not given, or the project does not answer. */
export function lacking({ urlFault }: Subject, options: string): Finding {
  return unchecked(urlFault === undefined ? `needs ${options}` : "the project does not answer");
}

/** The address and key that a visitor has; or why checks that act as a visitor are skipped. */
export function asVisitor(subject: Subject): { url: string; publishableKey: string } | Finding {
  const { url, publishableKey, publishableKeyFault } = subject;
  if (publishableKeyFault !== undefined) return unchecked(`--publishable-key ${publishableKeyFault}`);
  if (!url || !publishableKey) return lacking(subject, "--url and --publishable-key");
  return { url, publishableKey };
}
