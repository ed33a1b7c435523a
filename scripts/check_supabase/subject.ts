import type { Check as AnyCheck, Verdict as AnyVerdict } from "../../cli/checks.ts";
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
    /** The same, for projects that heddle init wrote into: a new one, and one that has much already. */
    fresh: string;
    living: string;
    /** URL of the database that `npm start` makes. */
    migrated: string;
    /** Why it could not make it; then it is not complete. */
    problem?: string;
  };
  /** What `functions deploy` sent. */
  uploads: Uploads;
}

export interface Check extends AnyCheck<Subject> {
  /** The command that is run, or what is looked at. */
  what: string;
}

export type Verdict = AnyVerdict<Check>;
