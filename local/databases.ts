/**
 * Databases in a Postgres of their own, for tools that examine migrations, as a process: `bare`, `fresh` and `living` are each
 * what a new hosted project holds, `migrated` is what `npm start` makes of it. Prints `{"ready": {bare, …}}` with their URLs
 * (and the `problem`, if a migration failed), or `{"failed"}`. Ends with its standard input, and leaves nothing behind.
 */
import { rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createHostedProject, provision } from "./postgres/provision.ts";
import { startPostgres } from "./postgres/server.ts";
import { SUPERUSER } from "./postgres/superuser.ts";

const BARE = ["bare", "fresh", "living"];
const { values: flags } = parseArgs({
  options: {
    "supabase-dir": { type: "string", default: fileURLToPath(new URL("../supabase", import.meta.url)) },
  },
});

const dataDir = join(os.tmpdir(), `heddle-databases-${process.pid}-${Date.now()}`);
const end = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve());
  process.stdin.on("end", resolve).resume();
});

try {
  const server = await startPostgres({ dataDir, port: 0 });
  try {
    const problem = await prepare(server.url(SUPERUSER, "postgres"));
    const urls = [...BARE, "migrated"].map((name) => [name, server.url("postgres", name)]);
    console.log(JSON.stringify({ ready: { ...Object.fromEntries(urls), problem } }));
    await end;
  } finally {
    await server.stop();
  }
  process.exitCode = 0;
} catch (error) {
  console.log(JSON.stringify({ failed: messageOf(error) }));
  process.exitCode = 1;
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit();

/** Returns why the migrations failed, if they did. */
async function prepare(adminUrl: string): Promise<string | undefined> {
  for (const database of BARE) await createHostedProject({ adminUrl, database });
  try {
    await provision({ adminUrl, database: "migrated", supabaseDir: flags["supabase-dir"] });
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
