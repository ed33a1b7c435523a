import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { denoPath } from "../../scripts/deno.mjs";
import { keepLog } from "./logs.ts";

/** A process that speaks JSON lines on stdout. */
export interface JsonProcess {
  /** The first line that holds `key`; rejects with the output so far when the process ends before. */
  event<T>(key: string): Promise<T>;
  /** Everything it printed on either stream. */
  output(): string;
  stop(): Promise<void>;
  readonly child: ChildProcess;
}

export function runDeno(args: string[], env: Record<string, string> = {}): JsonProcess {
  return run(denoPath(), ["run", "-A", "--quiet", ...args], env);
}

export function runNode(
  args: string[],
  env: Record<string, string> = {},
  options: ProcessOptions = {},
): JsonProcess {
  return run(process.execPath, args, env, options);
}

/** Where it runs, and as whom. */
type ProcessOptions = Pick<SpawnOptions, "cwd" | "uid" | "gid">;

function run(
  command: string,
  args: string[],
  env: Record<string, string>,
  options: ProcessOptions = {},
): JsonProcess {
  const child = spawn(command, args, {
    ...options,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const keep = keepLog(
    `${basename(expect.getState().testPath ?? "")} ${args.find((arg) => arg.endsWith(".ts"))}`,
  );
  const waiting = new Map<string, Waiter>();
  const waiter = (key: string) => {
    const known = waiting.get(key) ?? createWaiter();
    waiting.set(key, known);
    return known;
  };
  const ended = Promise.all([
    once(child, "exit"),
    ...[child.stdout, child.stderr].map(async (stream) => {
      for await (const line of createInterface({ input: stream })) {
        lines.push(line);
        const event = parsed(line);
        // Told to whoever started it and to nobody else: not a log.
        if (event.ready === undefined) keep(line);
        for (const [key, value] of Object.entries(event)) {
          if (key === "failed") reject(String(value));
          else waiter(key).resolve(value);
        }
      }
    }),
  ]).then(() => reject("the process ended"));

  function reject(reason: string) {
    for (const { reject } of waiting.values()) reject(new Error(`${reason}\n${lines.slice(-30).join("\n")}`));
  }

  return {
    child,
    event: <T>(key: string) => waiter(key).promise as Promise<T>,
    output: () => lines.join("\n"),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

interface Waiter {
  promise: Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

function createWaiter(): Waiter {
  let resolve: Waiter["resolve"] = () => undefined;
  let reject: Waiter["reject"] = () => undefined;
  const promise = new Promise<unknown>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  promise.catch(() => undefined); // whoever awaits it sees the rejection
  return { promise, resolve, reject };
}

function parsed(line: string): Record<string, unknown> {
  if (!line.startsWith("{")) return {};
  try {
    return JSON.parse(line);
  } catch {
    return {}; // a log line that merely looks like JSON
  }
}
