import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { runWithChildren } from "./children.mjs";
import { ensureInstalled } from "./install.mjs";
import { seconds } from "./progress.mjs";
import { ROOT } from "./project.mjs";
import { ensureFunctionsBuilt } from "./ensure_functions.mjs";
import { ensureInboxBuilt } from "./ensure_inbox.mjs";
import { ensureWidgetBuilt } from "./ensure_widget.mjs";
import { runVitest, runWholeVitest } from "./run_vitest.mjs";
import { SLOW_TESTS } from "./slow_tests.mjs";
import { tellTotal } from "./test_report.mjs";

/** @typedef {import("./test_report.mjs").TestResult} TestResult */

const FORMATTED = [
  "cli",
  "client",
  "deno.json",
  "package.json",
  "demo",
  "docs/examples/node",
  "gateway",
  "inbox",
  "kit",
  "local",
  "scripts",
  "shared",
  "supabase",
  "tests",
  "widget",
  "vitest.config.ts",
];
const DENO_CODE = [
  "cli/main.ts",
  "demo",
  "gateway",
  "local",
  "supabase/functions",
  "tests/unit/functions",
  "scripts/tethered.ts",
  "scripts/check_supabase/main.ts",
  "scripts/describe/main.ts",
];

/**
 * `npm test` runs everything but what `npm run test:robustness` does; `npm test -- <arguments>` passes the arguments to Vitest
 * and runs only that.
 */
runWithChildren(async () => {
  await ensureInstalled();
  await ensureWidgetBuilt();
  await ensureInboxBuilt();
  // Here, since several tests would build them at once, each over the others.
  await ensureFunctionsBuilt();
  const args = process.argv.slice(2);
  const isWhole = args.length === 0;
  // Most tests wait for something, and then there is time for the checks.
  const results = await Promise.all([
    isWhole ? staticChecks() : [],
    isWhole ? runWholeVitest(SLOW_TESTS.map((path) => `--exclude=${path}`)) : runVitest(args),
  ]);
  if (isWhole) {
    console.log(`\n${SLOW_TESTS.length} files that take long are left to npm run test:robustness.`);
  }
  return tellTotal(results.flat());
});

/** @returns {Promise<TestResult[]>} */
async function staticChecks() {
  const { denoPath } = await import("./deno.mjs");
  const deno = denoPath();
  return Promise.all([
    check("format", deno, ["fmt", "--check", ...FORMATTED]),
    check("lint", deno, ["lint", ...FORMATTED.filter((path) => !path.endsWith(".json"))]),
    check("types (Deno)", deno, ["check", ...DENO_CODE]),
    check("types (browser, Node)", process.execPath, [
      join(ROOT, "node_modules/typescript/bin/tsc"),
      "-p",
      ".",
    ]),
  ]);
}

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<TestResult>}
 */
async function check(name, command, args) {
  const from = performance.now();
  const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => output += chunk);
  child.stderr.on("data", (chunk) => output += chunk);
  const [code] = await once(child, "close");
  console.log(`${code === 0 ? "✓" : "✗"} ${name} (${seconds(performance.now() - from)})`);
  if (code !== 0) console.log(output);
  return code === 0
    ? { passed: 1, failed: 0, failures: [] }
    : { passed: 0, failed: 1, failures: [{ file: "all", name, message: output }] };
}
