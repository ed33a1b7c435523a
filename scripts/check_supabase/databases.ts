import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CliError } from "../../cli/errors.ts";

const PROGRAM = fileURLToPath(new URL("../../local/databases.ts", import.meta.url));

export interface Databases {
  /** See `Subject`. */
  bare: string;
  fresh: string;
  living: string;
  migrated: string;
  problem?: string;
  /** Ends their Postgres, and forgets them. */
  stop(): Promise<void>;
}

/** A Postgres of the checks' own. It ends with this process, however that ends. */
export async function startDatabases(supabaseDir: string): Promise<Databases> {
  const child = spawn(process.execPath, ["run", "-A", "--quiet", PROGRAM, "--supabase-dir", supabaseDir], {
    stdio: ["pipe", "pipe", "pipe"],
    // A group of its own: Ctrl-C reaches this process alone, and Postgres then ends in order.
    detached: true,
  });
  const ended = once(child, "close");
  const printed: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => printed.push(line));
  for await (const line of createInterface({ input: child.stdout })) {
    const event: { ready?: Omit<Databases, "stop">; failed?: string } = JSON.parse(line);
    if (event.failed !== undefined) throw new CliError("program_failed", event.failed);
    if (event.ready === undefined) continue;
    return {
      ...event.ready,
      async stop() {
        child.stdin.end();
        await ended;
      },
    };
  }
  throw new CliError("program_failed", `The databases ended while they were made.\n${printed.join("\n")}`);
}
