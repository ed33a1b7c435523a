import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, test } from "vitest";
import { ensureFunctionsBuilt } from "../../scripts/ensure_functions.mjs";
import { inTurns, median, report } from "./support/measures.ts";

const HOSTED_DENO = resolve("node_modules/deno-hosted/deno");
const ROUNDS = 15;

beforeAll(() => ensureFunctionsBuilt());

test("what a function adds to the start of its process", async () => {
  const { bundle, sources, none } = await inTurns(ROUNDS, {
    bundle: () => startOf("dist/functions/tab-fetch/index.ts"),
    sources: () => startOf("supabase/functions/tab-fetch/index.ts"),
    none: () => startOf("tests/bench/functions/bare/index.ts"),
  });
  report("function_start", median(bundle) - median(none), median(sources) - median(none));
});

/** Milliseconds from the start of a process until the function in it listens. */
async function startOf(entry: string): Promise<number> {
  const from = performance.now();
  const worker = spawn(HOSTED_DENO, ["run", "-A", "--quiet", "local/functions/worker.ts", resolve(entry)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(createInterface({ input: worker.stdout }), "line");
  const took = performance.now() - from;
  worker.stdin.end();
  await once(worker, "exit");
  return took;
}
