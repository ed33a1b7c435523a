import type postgres from "postgres";
import { keyHeaders } from "../../../shared/keys.ts";
import { failed, type Finding, OK, unchecked, worst } from "../../checks.ts";
import { ask, jsonIn } from "../../connection/http.ts";
import { callRpc } from "../../connection/rest.ts";
import { MEMBERS_ONLY, readPolicies } from "../policies.ts";
import { nobodysInbox, openSocket } from "../realtime.ts";
import { asVisitor, type Check, NO_DATABASE, type Subject } from "../subject.ts";

export const inbox: Check = {
  id: "inbox",
  title: "A team's channel is heard by its members only, and the inbox's functions are theirs to call",
  async run(subject) {
    const { sql } = subject;
    return worst(await readPolicies(sql, MEMBERS_ONLY), await callable(sql), await tryToJoin(subject));
  },
};

/** Whether operators, who are signed in and no more, reach what the inbox calls. */
async function callable(sql: postgres.Sql | undefined): Promise<Finding> {
  if (!sql) return NO_DATABASE;
  const [missing] = await sql<{ thing: string }[]>`
    select 'schema ' || nspname as thing from pg_namespace
    where nspname in ('heddle', 'heddle_api') and not has_schema_privilege('authenticated', oid, 'usage')
    union all
    select 'function ' || oid::regprocedure::text from pg_proc
    where proname in (
        select proname from pg_proc
        where pronamespace in (select oid from pg_namespace where nspname = 'heddle_api') and proname ~ '^inbox_'
      )
      and pronamespace in (select oid from pg_namespace where nspname in ('heddle', 'heddle_api'))
      and not has_function_privilege('authenticated', oid, 'execute')`;
  if (!missing) return OK;
  return failed(
    `operators may not use ${missing.thing}`,
    `Grant it back: grant ${
      missing.thing.startsWith("schema") ? "usage" : "execute"
    } on ${missing.thing} to authenticated.`,
  );
}

async function tryToJoin(subject: Subject): Promise<Finding> {
  const visitor = asVisitor(subject);
  if ("status" in visitor) return visitor;
  const socket = await openSocket(visitor.url, visitor.publishableKey);
  if (!socket) return unchecked("no socket could be opened");
  const { ok, reason } = await socket.join(nobodysInbox(), { private: true });
  socket.close();
  if (!ok) {
    return reason.startsWith("Unauthorized") ? OK : unchecked(`Realtime answered the join with: ${reason}`);
  }
  return failed(
    "the publishable key joins the channel of a team",
    "Run the statements of the realtime_policies migration again, and remove your own select policies that allow everybody.",
  );
}

export const accounts: Check = {
  id: "accounts",
  title: "Nobody gets an account of an address without reading its mail",
  async run(subject) {
    const visitor = asVisitor(subject);
    if ("status" in visitor) return visitor;
    const { status, text } = await ask(`${visitor.url}/auth/v1/settings`, {
      headers: keyHeaders(visitor.publishableKey),
    });
    const settings = status === 200 ? jsonIn(text) : null;
    const { mailer_autoconfirm: unconfirmed, disable_signup: closed } = Object(settings);
    if (typeof unconfirmed !== "boolean") return unchecked(`Auth answered with status ${status}`);
    if (!unconfirmed || closed === true || !await hasStoreTab(subject)) return OK;
    return failed(
      "accounts are made without a mail to their address, and an invited one becomes a member with its password",
      'Switch "Confirm email" on under Authentication → Sign In / Providers → Email. Accounts from before stay confirmed: delete those you don\'t know under Authentication → Users, and look through `heddle operator list`.',
    );
  },
};

/** Whether Heddle keeps conversations of any agent here; `null` if the project does not tell. */
export async function hasStoreTab({ sql, url, secretKey }: Subject): Promise<boolean | null> {
  if (sql) {
    const rows = await sql<{ found: boolean }[]>`
      select exists (select from heddle.tabs where source = 'store') as found`.catch(() => []);
    return rows[0]?.found ?? null;
  }
  if (!url || !secretKey) return null;
  const list = async (name: string, args: Record<string, unknown>) => {
    const { status, text } = await callRpc({ url, key: secretKey }, "heddle_api", name, args);
    const rows = status < 300 ? jsonIn(text) : null;
    return Array.isArray(rows) ? rows : null;
  };
  const agents = await list("list_agents", {});
  if (!agents) return null;
  for (const { id } of agents) {
    const tabs = await list("list_tabs", { p_agent_id: id });
    if (tabs?.some(({ source }) => source === "store")) return true;
  }
  return false;
}
