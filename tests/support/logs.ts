/**
 * What the processes of the tests log, kept for the search for secrets at the end of `npm test` (scripts/log_search.mjs).
 * A run that searches nothing, such as Vitest by itself, keeps nothing.
 */
import { appendFileSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Sql } from "postgres";
import { KNOWN_SECRETS } from "../../scripts/log_search.mjs";

const { HEDDLE_TEST_LOGS: FOLDER } = process.env;
let files = 0;

/** A file of its own for each `source`; the function appends a line to it at once. */
export function keepLog(source: string): (line: string) => void {
  if (!FOLDER) return () => undefined;
  const name = `${source.replaceAll(/[^\w.-]+/g, "-")}.${process.pid}.${++files}.log`;
  let file: number | undefined;
  return (line) => {
    file ??= openSync(join(FOLDER, name), "a");
    writeSync(file, `${line}\n`);
  };
}

/** The same for what somebody else has written to a file. */
export function keepLogFile(source: string, file: string): void {
  if (FOLDER && existsSync(file)) keepLog(source)(readFileSync(file, "utf8"));
}

/** Notes a secret that has no shape of its own. `proves`: what the tokens are that it makes, where they have none either. */
export function keepSecret(what: string, secret: { value: string; proves?: string }): void {
  if (FOLDER) appendFileSync(join(FOLDER, KNOWN_SECRETS), `${JSON.stringify({ what, ...secret })}\n`);
}

/** Notes what a database of Heddle holds or makes: signing secrets, connectors' credentials, visitors' tokens. */
export async function keepSecretsOf(sql: Sql): Promise<void> {
  if (!FOLDER) return;
  const [{ installed }] = await sql<[{ installed: boolean }]>`
    select to_regclass('heddle.agent_secrets') is not null as installed`;
  if (!installed) return;
  const values = await sql<{ what: string; value: string }[]>`
    select 'a signing secret' as what, signing_current as value from heddle.agent_secrets
    union select 'a signing secret', signing_previous from heddle.agent_secrets where signing_previous is not null
    union select 'a connector''s credential', decrypted_secret from vault.decrypted_secrets`;
  for (const { what, value } of values) keepSecret(what, { value });
  const provers = await sql<{ value: string }[]>`select visitor_secret as value from heddle.agent_secrets`;
  for (const { value } of provers) keepSecret("a visitor secret", { value, proves: "a visitorToken" });
}
