import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { ROOT } from "./project.mjs";

const SHOWN_LINES = 12;
const SHOWN_FAILURES = 10;

/**
 * What a run of Vitest came to. `failures` has an entry for each failed or skipped test, for each file that did not load, and for
 * each error that no test caught.
 * @typedef {{ passed: number, failed: number, failures: Failure[] }} TestResult
 * @typedef {{ file: string, name: string, message: string }} Failure `file` is a path from the project's folder,
 * empty where none is to blame
 */

/**
 * Reads what scripts/json_report.ts wrote (the format of Vitest's JSON reporter). A report that isn't there counts as one failure.
 * @param {string} path
 * @returns {TestResult}
 */
export function readReport(path) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { passed: 0, failed: 1, failures: [] };
  }
  const unhandled = report.unhandledErrors.map((/** @type {string} */ message) => ({
    file: "",
    name: "unhandled error",
    message,
  }));
  const failures = [...report.testResults.flatMap(failuresOf), ...unhandled];
  return { passed: report.numPassedTests, failed: failures.length, failures };
}

/**
 * @param {{ name: string, status: string, message?: string, assertionResults: { fullName: string, status: string, failureMessages?: string[] | null }[] }} result
 * @returns {Failure[]}
 */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(ROOT, name);
  const failures = assertionResults.filter(({ status }) => status !== "passed").map((test) => ({
    file,
    name: test.fullName.trim(),
    message: test.failureMessages?.join("\n") || message || `was ${test.status}`,
  }));
  return status === "failed" && failures.length === 0
    ? [{ file, name: "does not load", message: message ?? "" }]
    : failures;
}

/**
 * Says at the end what failed, so that nobody has to search a long output for it, and the total as `N passed, N failed`.
 * @param {(TestResult & { unsteady?: Failure[] })[]} results
 * @returns {number} the exit code
 */
export function tellTotal(results) {
  const failures = results.flatMap(({ failures }) => failures);
  const unsteady = results.flatMap(({ unsteady = [] }) => unsteady);
  const [passed, failed] = [
    sum(results.map(({ passed }) => passed)),
    sum(results.map(({ failed }) => failed)),
  ];
  tell("Failed", failures);
  tell("Unsteady: failed beside the others and passed alone, to be mended all the same", unsteady);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * @param {string} title
 * @param {Failure[]} failures
 */
function tell(title, failures) {
  if (failures.length === 0) return;
  console.log(`\n${title}:`);
  for (const { file, name, message } of failures.slice(0, SHOWN_FAILURES)) {
    const lines = message.split("\n").slice(0, SHOWN_LINES).map((line) => `      ${line}`);
    console.log([`  ${[file, name].filter(Boolean).join(" > ")}`, ...lines].join("\n"));
  }
  if (failures.length > SHOWN_FAILURES) console.log(`  and ${failures.length - SHOWN_FAILURES} more`);
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0);
}
