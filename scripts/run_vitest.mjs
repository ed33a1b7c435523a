import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { searchLogs } from "./log_search.mjs";
import { seconds } from "./progress.mjs";
import { ROOT } from "./project.mjs";
import { readReport } from "./test_report.mjs";

/** @typedef {import("./test_report.mjs").TestResult} TestResult */
/** @typedef {import("./test_report.mjs").Failure} Failure */

const SHOWN_HITS = 20;
const REPEATED_FILES = 3;

/** Whose failures only some of their draws show: passing the next time says nothing. */
const DRAWN_AT_RANDOM = [
  "gateway_chaos",
  "generated_requests",
  "random_faults",
  "store_faults",
  "store_model",
]
  .map((name) => `tests/robustness/${name}.test.ts`);

/**
 * Runs a whole set of tests, and once more alone the files that failed, if they are few and nothing in them is drawn at random:
 * what passes then was disturbed by the tests beside it or by the machine, and is told as unsteady instead of failed.
 * @param {string[]} options for Vitest
 * @param {string[]} files to run, all when there is none
 * @returns {Promise<TestResult & { unsteady: Failure[] }>}
 */
export async function runWholeVitest(options, files = []) {
  const result = await runVitest([...options, ...files], { mustLog: true });
  const failed = [...new Set(result.failures.map(({ file }) => file))];
  const isRepeated = result.failures.length === result.failed && failed.length <= REPEATED_FILES &&
    !failed.some((file) => file === "" || DRAWN_AT_RANDOM.includes(file));
  if (failed.length === 0 || !isRepeated) return { ...result, unsteady: [] };
  console.log(`\nOnce more, alone: ${failed.join(", ")}`);
  const again = await runVitest([...options, ...failed]);
  if (again.failed > 0) return { ...result, unsteady: [] };
  return { passed: result.passed + result.failed, failed: 0, failures: [], unsteady: result.failures };
}

/**
 * Runs Vitest, then searches for secrets in what all processes of the tests logged; that search counts as one check more.
 * @param {string[]} args for Vitest
 * @param {{ mustLog?: boolean }} options whether a run in which nothing was logged is a failure
 * @returns {Promise<TestResult>}
 */
export async function runVitest(args, { mustLog = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "heddle-test-"));
  const logs = join(folder, "logs");
  mkdirSync(logs);
  const report = join(folder, "report.json");
  const child = spawn(process.execPath, [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    `--reporter=${join(ROOT, "scripts/json_report.ts")}`,
    ...args,
  ], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, HEDDLE_TEST_LOGS: logs, HEDDLE_TEST_REPORT: report },
  });
  const [code] = await once(child, "exit");
  const result = readReport(report);
  // A run that failed for a reason that the report does not know must not pass.
  if (code !== 0 && result.failed === 0) result.failed = 1;

  const clean = checkLogs(logs, mustLog);
  if (clean) rmSync(folder, { recursive: true });
  return clean ? { ...result, passed: result.passed + 1 } : { ...result, failed: result.failed + 1 };
}

/**
 * @param {string} folder
 * @param {boolean} mustLog
 */
function checkLogs(folder, mustLog) {
  const from = performance.now();
  const { files, lines, hits } = searchLogs(folder);
  const ok = hits.length === 0 && (lines > 0 || !mustLog);
  const took = seconds(performance.now() - from);
  console.log(`\n${ok ? "✓" : "✗"} no secret in the logs: ${lines} lines of ${files} processes (${took})`);
  if (ok) return true;
  for (const { file, line, what, text } of hits.slice(0, SHOWN_HITS)) {
    console.log(`  ${file}:${line} holds ${what}\n    ${text}`);
  }
  if (hits.length > SHOWN_HITS) console.log(`  and ${hits.length - SHOWN_HITS} more`);
  console.log(`  The logs are kept in ${folder}`);
  return false;
}
