import type postgres from "postgres";
import { failed, type Finding, OK, unchecked, worst } from "../../checks.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { type Check, NO_DATABASE } from "../subject.ts";

interface Missing {
  thing: string;
  /** What makes it again. */
  statement: string;
}

export const JOBS: readonly { name: string; statement: string }[] = [
  {
    name: "heddle: tend the store",
    statement:
      "select cron.schedule('heddle: tend the store', '30 seconds', 'select heddle_api.tend_store()')",
  },
  {
    name: "heddle: send what is due",
    statement:
      "select cron.schedule('heddle: send what is due', '10 seconds', 'select heddle_api.wake_deliveries()')",
  },
];

/** What a dump of Heddle's own schemas leaves out, but for the policies, after which other checks look. */
export const outside: Check = {
  id: "outside",
  title: "What Heddle keeps outside its own schemas is there",
  async run({ sql }) {
    if (!sql) return NO_DATABASE;
    const [there] = await sql`select to_regclass('heddle.connectors') is not null as heddle`;
    if (!there?.heddle) return unchecked("Heddle is not there");
    const missing = [...await missingTriggers(sql), ...await missingJobs(sql)];
    const made = missing.length === 0 ? OK : failed(
      `${missing.map(({ thing }) => thing).join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
      `Run in the SQL editor: ${missing.map(({ statement }) => `${statement};`).join(" ")}`,
    );
    return worst(made, await credentials(sql));
  },
};

/** Whoever is deleted in Supabase Auth would stay a member. */
async function missingTriggers(sql: postgres.Sql): Promise<Missing[]> {
  const found = await sql`
    select from pg_trigger
    where tgrelid = 'auth.users'::regclass and tgname = 'heddle_leave_teams' and tgenabled <> 'D'`;
  if (found.length > 0) return [];
  return [{
    thing: "the trigger heddle_leave_teams on auth.users",
    statement:
      "create or replace trigger heddle_leave_teams after delete on auth.users for each row execute function heddle.leave_teams()",
  }];
}

/** Without pg_cron there are none, as without a right to read its jobs. */
async function missingJobs(sql: postgres.Sql): Promise<Missing[]> {
  const [there] = await sql<{ readable: boolean }[]>`
    select has_schema_privilege(schema.oid, 'usage') and has_table_privilege(jobs.oid, 'select') as readable
    from pg_namespace schema join pg_class jobs on jobs.relnamespace = schema.oid
    where nspname = 'cron' and relname = 'job'`;
  if (!there?.readable) return [];
  const jobs = await sql<{ jobname: string }[]>`select jobname from cron.job where active`;
  const names = jobs.map(({ jobname }) => jobname);
  return JOBS.filter(({ name }) => !names.includes(name))
    .map(({ name, statement }) => ({ thing: `the job "${name}" of pg_cron`, statement }));
}

/** Vault holds the connectors' credentials; without them webhooks are called as nobody. */
async function credentials(sql: postgres.Sql): Promise<Finding> {
  const [first, ...others] = await sql<{ id: string; name: string }[]>`
    select id, name from heddle.connectors connector
    where not exists (select from vault.secrets where id = connector.vault_secret_id) order by name`;
  if (!first) return OK;
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  return failed(
    `Vault has no credential of the connector "${first.name}"${more}`,
    `Give it its value again: ${HEDDLE} connector update ${first.id} --value -`,
  );
}
