import { readdir } from "node:fs/promises";

/**
 * The functions in a folder such as supabase/functions, by name. What they share begins with an underscore; beside them
 * may lie an .env, as the Supabase CLI has it, or what a desktop leaves in folders.
 */
export async function functionNames(folder: string | URL): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && /^[a-z]/.test(entry.name))
    .map(({ name }) => name).sort();
}
