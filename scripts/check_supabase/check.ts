import type { SupabaseCli } from "./cli.ts";
import type { Uploads } from "./functions/management_api.ts";

/** What the checks work with. */
export interface Subject {
  cli: SupabaseCli;
  /** Copy of the project's `supabase/` and `shared/`, in which the CLI works. */
  project: string;
  /** Where checks may put what they need. */
  scratch: string;
  databases: {
    /** URL of a new project's database, which the CLI migrates. */
    bare: string;
    /** URL of the database that `npm start` makes. */
    migrated: string;
    /** Why it could not make it; then it is not complete. */
    problem?: string;
  };
  /** What `functions deploy` sent. */
  uploads: Uploads;
}

export type Finding =
  | { status: "passed" }
  /** `found`: what was seen, in the CLI's own words where it has some. `fix`: what to do next. */
  | { status: "failed"; found: string; fix: string }
  | { status: "unchecked"; why: string };

export interface Check {
  /** Stable, for `--json`. */
  id: string;
  /** The command that is run, or what is looked at. */
  what: string;
  /** What holds when all is well. */
  title: string;
  /** Checks without which this one says nothing. */
  needs: string[];
  run(subject: Subject): Promise<Finding>;
}

export interface Verdict {
  id: string;
  what: string;
  title: string;
  /** Milliseconds. */
  ms: number;
  finding: Finding;
}

export const PASSED: Finding = { status: "passed" };

export function failed(found: string, fix: string): Finding {
  return { status: "failed", found: found || "It said nothing.", fix };
}
