import type postgres from "postgres";

/** What the checks may use. What is missing was not given, or could not be reached. */
export interface Subject {
  url?: string;
  /** Why there is no `url` although one was named, in a sentence. */
  urlFault?: string;
  secretKey?: string;
  publishableKey?: string;
  /** What `publishableKey` holds instead of one, in a few words: nothing is then tried with it. */
  publishableKeyFault?: string;
  sql?: postgres.Sql;
  /** Why there is no `sql` although a database was named, in a sentence. */
  databaseFault?: string;
  /** Milliseconds to wait for a broadcast that should not come: a forbidden one is never answered. */
  silenceMs: number;
  /** Milliseconds for a broadcast that should come. */
  patienceMs: number;
}

export type Finding =
  | { status: "ok" }
  /** `found` is the fault in a few words, `fix` what to do about it. */
  | { status: "failed"; found: string; fix: string }
  /** Nothing is wrong, but something could be better. */
  | { status: "advice"; found: string; fix: string }
  | { status: "unchecked"; why: string };

export interface Check {
  /** Stable, for `--json`. */
  id: string;
  /** What holds when all is well. */
  title: string;
  run(subject: Subject): Promise<Finding>;
}

export type Verdict = Finding & { id: string; title: string };

export const OK: Finding = { status: "ok" };

export const NO_DATABASE = unchecked("needs --database-url, of a database that answers");

/** Why nothing is tried for want of the address, or of a key. */
export function lacking({ urlFault }: Subject, options: string): Finding {
  return unchecked(urlFault === undefined ? `needs ${options}` : "the project does not answer");
}

/** Address and key of what a visitor can do; or why nothing is tried as one. */
export function asVisitor(subject: Subject): { url: string; publishableKey: string } | Finding {
  const { url, publishableKey, publishableKeyFault } = subject;
  if (publishableKeyFault !== undefined) return unchecked(`--publishable-key ${publishableKeyFault}`);
  if (!url || !publishableKey) return lacking(subject, "--url and --publishable-key");
  return { url, publishableKey };
}

export function failed(found: string, fix: string): Finding {
  return { status: "failed", found, fix };
}

export function unchecked(why: string): Finding {
  return { status: "unchecked", why };
}

/**
 * The worst of several findings about one thing: a fault, else what is known to hold, else why nothing is known. Trying comes
 * last and tells more than what is written down: its reason counts.
 */
export function worst(...findings: [Finding, ...Finding[]]): Finding {
  const [first] = findings;
  return findings.find(({ status }) => status === "failed") ??
    findings.find(({ status }) => status === "ok") ?? findings.at(-1) ?? first;
}
