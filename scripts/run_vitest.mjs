import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { searchLogs } from "./log_search.mjs";
import { seconds } from "./progress.mjs";
import { ROOT } from "./project.mjs";

const SHOWN_HITS = 20;

/**
 * Runs Vitest, then searches for secrets in what all processes of the tests logged; that search counts as one check more.
 * @param {string[]} args for Vitest
 * @param {{ mustLog?: boolean }} options whether a run in which nothing was logged is a failure
 * @returns {Promise<{ passed: number, failed: number }>}
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
  const counts = countsOf(report);
  // A run that failed without a failed test (a file that does not load, an unhandled error) must not pass.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;

  const clean = checkLogs(logs, mustLog);
  if (clean) rmSync(folder, { recursive: true });
  return clean ? { ...counts, passed: counts.passed + 1 } : { ...counts, failed: counts.failed + 1 };
}

/** @param {string} report */
function countsOf(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests + numPendingTests };
  } catch {
    return { passed: 0, failed: 1 };
  }
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
