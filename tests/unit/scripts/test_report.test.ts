import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { ROOT } from "../../../scripts/project.mjs";
import { readReport, tellTotal } from "../../../scripts/test_report.mjs";

const folder = mkdtempSync(join(tmpdir(), "heddle-report-"));

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function written(testResults: unknown[], numPassedTests: number, unhandledErrors: string[] = []): string {
  const path = join(folder, "report.json");
  writeFileSync(path, JSON.stringify({ numPassedTests, testResults, unhandledErrors }));
  return path;
}

const passing = { fullName: " keeps it", status: "passed", failureMessages: [] };
const failing = { fullName: "a visitor is heard", status: "failed", failureMessages: ["expected 4 to be 0"] };

it("a report names each test that did not pass, and each file that did not load", () => {
  const path = written([
    { name: `${ROOT}tests/a.test.ts`, status: "failed", assertionResults: [passing, failing] },
    {
      name: `${ROOT}tests/b.test.ts`,
      status: "failed",
      message: "Hook timed out",
      assertionResults: [{ ...passing, status: "pending" }],
    },
    { name: `${ROOT}tests/c.test.ts`, status: "failed", message: "no such module", assertionResults: [] },
    {
      name: `${ROOT}tests/d.test.ts`,
      status: "passed",
      assertionResults: [{ ...passing, status: "skipped" }],
    },
  ], 1);
  expect(readReport(path)).toEqual({
    passed: 1,
    failed: 4,
    failures: [
      { file: "tests/a.test.ts", name: "a visitor is heard", message: "expected 4 to be 0" },
      { file: "tests/b.test.ts", name: "keeps it", message: "Hook timed out" },
      { file: "tests/c.test.ts", name: "does not load", message: "no such module" },
      { file: "tests/d.test.ts", name: "keeps it", message: "was skipped" },
    ],
  });
});

it("a report names what no test caught, of which no file is to blame", () => {
  expect(readReport(written([], 1, ["rejected"]))).toEqual({
    passed: 1,
    failed: 1,
    failures: [{ file: "", name: "unhandled error", message: "rejected" }],
  });
});

it("a run that left no report failed", () => {
  expect(readReport(join(folder, "none.json"))).toMatchObject({ passed: 0, failed: 1 });
});

it("the last lines of a run name what failed and what was unsteady, above the total", () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((text) => void lines.push(...String(text).split("\n")));
  const failure = {
    file: "tests/a.test.ts",
    name: "a visitor is heard",
    message: "expected 4 to be 0\nat a:1",
  };
  expect(tellTotal([{ passed: 3, failed: 1, failures: [failure] }, { passed: 2, failed: 0, failures: [] }]))
    .toBe(1);
  expect(lines).toEqual([
    "",
    "Failed:",
    "  tests/a.test.ts > a visitor is heard",
    "      expected 4 to be 0",
    "      at a:1",
    "",
    "5 passed, 1 failed",
  ]);
  lines.length = 0;
  expect(tellTotal([{ passed: 4, failed: 0, failures: [], unsteady: [failure] }])).toBe(0);
  expect(lines.slice(1, 3)).toEqual([
    "Unsteady: failed beside the others and passed alone, to be mended all the same:",
    "  tests/a.test.ts > a visitor is heard",
  ]);
  expect(lines.at(-1)).toBe("4 passed, 0 failed");
});
