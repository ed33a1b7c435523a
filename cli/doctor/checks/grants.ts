import type postgres from "postgres";
import { failed, type Finding, OK, unchecked, worst } from "../../checks.ts";
import { asVisitor, type Check, NO_DATABASE, type Subject } from "../subject.ts";
import { listedWith } from "./access.ts";

export const grants: Check = {
  id: "grants",
  title: "Heddle's functions are called by whom they are for, and nobody reads its tables",
  async run(subject) {
    return worst(await inTheCatalog(subject.sql), await listAsVisitor(subject));
  },
};

/**
 * Operators call the inbox's functions, which look who they are; those that run with their owner's rights stand in `heddle`,
 * which no API shows. The last two are asked by the policies of Realtime's table.
 */
const FOR_OPERATORS = "^(inbox_[a-z_]+|may_hear_(inbox|events))$";

async function inTheCatalog(sql: postgres.Sql | undefined): Promise<Finding> {
  if (!sql) return NO_DATABASE;
  const open = await sql<{ role: string; thing: string }[]>`
    select role, p.oid::regprocedure::text as thing
    from pg_proc p, unnest(array['anon', 'authenticated']) as role
    where p.pronamespace in (select oid from pg_namespace where nspname in ('heddle', 'heddle_api'))
      and has_function_privilege(role, p.oid, 'execute')
      and not (
        role = 'authenticated' and p.proname ~ ${FOR_OPERATORS}
        and p.prosecdef = (p.pronamespace = (select oid from pg_namespace where nspname = 'heddle'))
      )
    union all
    select role, c.oid::regclass::text
    from pg_class c, unnest(array['anon', 'authenticated', 'service_role']) as role
    where c.relnamespace in (select oid from pg_namespace where nspname = 'heddle') and c.relkind in ('r', 'p', 'v')
      and has_table_privilege(role, c.oid, 'select, insert, update, delete, truncate, references, trigger')`;
  const [first] = open;
  if (!first) return OK;
  const more = open.length > 1 ? ` (and ${open.length - 1} more)` : "";
  return failed(
    `${first.role} may use ${first.thing}${more}`,
    `Revoke it: revoke all on … from public, ${first.role}.`,
  );
}

async function listAsVisitor(subject: Subject): Promise<Finding> {
  const visitor = asVisitor(subject);
  if ("status" in visitor) return visitor;
  const { ok, status, code } = await listedWith(
    { url: visitor.url, key: visitor.publishableKey },
    "heddle_api",
  );
  if (!ok) {
    const refused = code === "42501" || code === "PGRST106" || status === 401 || status === 403;
    return refused ? OK : unchecked("the Data API did not get that far");
  }
  return failed(
    "the publishable key lists agents",
    "Revoke it: revoke execute on all functions in schema heddle_api from public, anon, authenticated.",
  );
}
