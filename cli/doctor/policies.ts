import type postgres from "postgres";
import { INBOX_CHANNEL, VISITOR_CHANNEL, WELL_FORMED_CHANNEL } from "../../shared/channels.ts";
import { failed, type Finding, OK, worst } from "../checks.ts";
import { HEDDLE, QUIET_HEDDLE } from "../installation/calls.ts";
import { NO_DATABASE } from "./subject.ts";

const FIX = `Run in the SQL editor what this prints: ${QUIET_HEDDLE} policies`;
const INSTALL = `Apply the migrations: ${HEDDLE} install.`;

interface Wanted {
  name: string;
  permissive: "PERMISSIVE" | "RESTRICTIVE";
  command: "SELECT" | "INSERT" | "UPDATE" | "DELETE";
  /** Those it must hold for; both if nothing is said. */
  roles?: readonly ("anon" | "authenticated")[];
  /** What its condition must contain. */
  patterns: string[];
}

export const RECEIVE: Wanted = {
  name: "heddle: receive on visitor channels",
  permissive: "PERMISSIVE",
  command: "SELECT",
  patterns: [WELL_FORMED_CHANNEL],
};
export const BROADCASTS_ONLY: Wanted = {
  name: "heddle: visitor channels carry broadcasts only",
  permissive: "RESTRICTIVE",
  command: "SELECT",
  patterns: [VISITOR_CHANNEL, WELL_FORMED_CHANNEL],
};
/** What keeps visitors from writing: a careless policy `for all` of the project's own would let them. */
export const NOBODY_WRITES: readonly [Wanted, ...Wanted[]] = [
  {
    name: "heddle: nobody sends on visitor channels",
    permissive: "RESTRICTIVE",
    command: "INSERT",
    patterns: [VISITOR_CHANNEL],
  },
  {
    name: "heddle: nobody changes messages of visitor channels",
    permissive: "RESTRICTIVE",
    command: "UPDATE",
    patterns: [VISITOR_CHANNEL],
  },
  {
    name: "heddle: nobody deletes messages of visitor channels",
    permissive: "RESTRICTIVE",
    command: "DELETE",
    patterns: [VISITOR_CHANNEL],
  },
];

/** What the team's channels rest on. */
export const MEMBERS_ONLY: readonly [Wanted, ...Wanted[]] = [
  {
    name: "heddle: members hear their inbox",
    permissive: "PERMISSIVE",
    command: "SELECT",
    roles: ["authenticated"],
    patterns: ["may_hear_inbox"],
  },
  {
    name: "heddle: members hear their events",
    permissive: "PERMISSIVE",
    command: "SELECT",
    roles: ["authenticated"],
    patterns: ["may_hear_events"],
  },
  {
    name: "heddle: an inbox is heard by its members only",
    permissive: "RESTRICTIVE",
    command: "SELECT",
    roles: ["authenticated"],
    patterns: [INBOX_CHANNEL, "may_hear_inbox", "may_hear_events"],
  },
  {
    name: "heddle: no inbox for the anonymous",
    permissive: "RESTRICTIVE",
    command: "SELECT",
    roles: ["anon"],
    patterns: [INBOX_CHANNEL],
  },
  {
    name: "heddle: nobody sends to an inbox",
    permissive: "RESTRICTIVE",
    command: "INSERT",
    patterns: [INBOX_CHANNEL],
  },
  {
    name: "heddle: nobody changes messages of an inbox",
    permissive: "RESTRICTIVE",
    command: "UPDATE",
    patterns: [INBOX_CHANNEL],
  },
  {
    name: "heddle: nobody deletes messages of an inbox",
    permissive: "RESTRICTIVE",
    command: "DELETE",
    patterns: [INBOX_CHANNEL],
  },
];

interface Row {
  permissive: string;
  roles: string[];
  cmd: string;
  condition: string;
}

/** Whether a policy on realtime.messages exists and has the expected conditions. */
export async function readPolicy(sql: postgres.Sql | undefined, wanted: Wanted): Promise<Finding> {
  if (!sql) return NO_DATABASE;
  const [row] = await sql<Row[]>`
    select permissive, roles::text[] as roles, cmd, coalesce(qual, '') || coalesce(with_check, '') as condition
    from pg_policies
    where schemaname = 'realtime' and tablename = 'messages' and policyname = ${wanted.name}`;
  if (!row) {
    const [there] = await sql`select exists (select from pg_namespace where nspname = 'heddle') as heddle`;
    return failed(`the policy "${wanted.name}" is missing`, there?.heddle ? FIX : INSTALL);
  }
  const holds = row.permissive === wanted.permissive && row.cmd === wanted.command &&
    (wanted.roles ?? ["anon", "authenticated"]).every((role) => row.roles.includes(role)) &&
    wanted.patterns.every((pattern) => row.condition.includes(pattern));
  return holds ? OK : failed(`the policy "${wanted.name}" says something else`, FIX);
}

/** The same of several policies: the worst finding. */
export async function readPolicies(
  sql: postgres.Sql | undefined,
  [first, ...others]: readonly [Wanted, ...Wanted[]],
): Promise<Finding> {
  const further = await Promise.all(others.map((wanted) => readPolicy(sql, wanted)));
  return worst(await readPolicy(sql, first), ...further);
}
