import type postgres from "postgres";

/** What the checks may use. What is missing was not given, or could not be reached. */
export interface Subject {
  url?: string;
  secretKey?: string;
  publishableKey?: string;
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

export function failed(found: string, fix: string): Finding {
  return { status: "failed", found, fix };
}

export function unchecked(why: string): Finding {
  return { status: "unchecked", why };
}

/** The worst of several findings about one thing: a fault, else what is known to hold, else why nothing is known. */
export function worst(...findings: [Finding, ...Finding[]]): Finding {
  const [first] = findings;
  return findings.find(({ status }) => status === "failed") ??
    findings.find(({ status }) => status === "ok") ?? first;
}
