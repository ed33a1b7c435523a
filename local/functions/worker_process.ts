import { fileURLToPath } from "node:url";

interface WorkerOptions {
  entry: string;
  env: Record<string, string>;
  log(line: string): void;
}

export interface WorkerProcess {
  /** Where the function listens. */
  origin: string;
  /** Settles when the process has ended, whoever ended it. */
  exited: Promise<void>;
  /** Lets requests under way finish, then ends the process. */
  stop(): Promise<void>;
}

/** The package heddle-local has JavaScript in its place. */
const WORKER = fileURLToPath(
  new URL(`./worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
);
/** By name: below an owner's node_modules Deno would take the owner's. */
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const INHERITED = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "DENO_NO_UPDATE_CHECK", "NO_COLOR"];
const STOP_MS = 3000;

/** Boots a function. Throws with the tail of its output if it ends before it listens. */
export async function startWorker({ entry, env, log }: WorkerOptions): Promise<WorkerProcess> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", CONFIG, WORKER, entry],
    env: { ...inheritedEnv(), ...env },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const tail: string[] = [];
  const errors = eachLine(process.stderr, (line) => {
    if (tail.push(line) > 20) tail.shift();
    log(line);
  });
  const port = Promise.withResolvers<number>();
  const output = eachLine(process.stdout, (line) => {
    const listening = listeningPort(line);
    if (listening) port.resolve(listening);
    else log(line);
  });
  const exited = Promise.all([process.status, errors, output]).then(() => {
    port.reject(new Error(tail.join("\n") || "the function ended while it booted"));
  });

  return {
    origin: `http://127.0.0.1:${await port.promise}`,
    exited,
    async stop() {
      const timer = setTimeout(() => process.kill("SIGKILL"), STOP_MS);
      await process.stdin.close().catch(() => undefined); // already closed: the process is gone
      await exited;
      clearTimeout(timer);
    },
  };
}

function inheritedEnv(): Record<string, string> {
  return Object.fromEntries(INHERITED.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** Decodes and splits by hand, which costs less than chained streams: each call of a function writes a line. */
async function eachLine(stream: ReadableStream<Uint8Array>, use: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) use(line);
  }
  if (rest) use(rest);
}

function listeningPort(line: string): number | null {
  return Number(/^\{"listening":(\d+)\}$/.exec(line)?.[1]) || null;
}
