import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { keepLog } from "../../../support/logs.ts";
import { FUNCTIONS_DIR } from "../../../support/stack.ts";

const ROOT = path.resolve(import.meta.dirname, "../../../..");

/** One function in a process of its own, without a proxy before it. */
export interface FunctionWorker {
  /** Where it answers, its slug included. */
  url: string;
  stop(): Promise<void>;
}

/** Boots a function under the given Deno. Throws with what it printed if it ends before it listens. */
export async function bootFunction(
  deno: string,
  name: string,
  env: Record<string, string>,
): Promise<FunctionWorker> {
  const entry = path.join(FUNCTIONS_DIR ?? path.join(ROOT, "supabase/functions"), name, "index.ts");
  const worker = spawn(deno, ["run", "-A", "--quiet", path.join(ROOT, "local/functions/worker.ts"), entry], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  return {
    url: `http://127.0.0.1:${await listeningPort(worker)}/${name}`,
    async stop() {
      const ended = once(worker, "exit");
      worker.stdin?.end();
      await ended;
    },
  };
}

async function listeningPort(worker: ChildProcess): Promise<number> {
  const { stdout, stderr } = worker;
  if (stdout === null || stderr === null) throw new Error("the worker's output is piped");
  const printed: string[] = [];
  const keep = keepLog("function alone");
  createInterface({ input: stderr }).on("line", (line) => {
    printed.push(line);
    keep(line);
  });
  const port = new Promise<number>((resolve, reject) => {
    createInterface({ input: stdout }).on("line", (line) => {
      printed.push(line);
      keep(line);
      const match = /^\{"listening":(\d+)\}$/.exec(line);
      if (match) resolve(Number(match[1]));
    });
    worker.once("exit", () => reject(new Error(`the function ended while it booted\n${printed.join("\n")}`)));
  });
  return await port;
}

/** What Supabase would inject into functions of the stack's project. */
export function functionEnv(
  { apiUrl, publishableKey, secretKey }: { apiUrl: string; publishableKey: string; secretKey: string },
): Record<string, string> {
  return {
    SUPABASE_URL: apiUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secretKey }),
    HEDDLE_ALLOW_PRIVATE_WEBHOOKS: "127.0.0.1",
    HEDDLE_ADDRESS_HEADER: "x-forwarded-for",
  };
}
