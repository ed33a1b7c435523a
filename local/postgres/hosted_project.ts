import { readFile } from "node:fs/promises";
import { type ProvisionOptions, withProject } from "./provision.ts";

const HOSTED_POLICIES = new URL("hosted_policies.sql", import.meta.url);

/**
 * Brings a database to what a new hosted project holds: whoever connects to it as `postgres` may manage policies on Realtime's
 * table and change nothing else there. For trying migrations, not for Realtime, which could make no partitions in it.
 */
export async function createHostedProject(
  options: Pick<ProvisionOptions, "adminUrl" | "database">,
): Promise<void> {
  const hostedPolicies = await readFile(HOSTED_POLICIES, "utf8");
  await withProject(options, (sql) => sql.unsafe(hostedPolicies).simple());
}
