import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runProgram } from "../integration/cli/run.ts";
import { ROOT } from "../../scripts/project.mjs";

const FILES = "tests/robustness/support/repeated";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-repeated-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const runWhole = (...files: string[]) =>
  runProgram(process.execPath, [`${FILES}/run.mjs`, ...files.map((name) => `${FILES}/${name}`)], {
    cwd: ROOT,
    env: { HEDDLE_TEST_MARK: join(folder, "mark") },
  });

it("a test that fails beside others and passes alone is told as unsteady", async () => {
  const { code, stdout } = await runWhole("disturbed.ts");
  expect(stdout.split("\nUnsteady")[1]).toContain(`${FILES}/disturbed.ts > passes from the second time on`);
  expect(stdout.trim().split("\n").at(-1)).toBe("2 passed, 0 failed");
  expect(code).toBe(0);
});

it("a test that fails again has failed, and so has the one that was run again with it", async () => {
  const { code, stdout } = await runWhole("disturbed.ts", "failed.ts");
  const told = stdout.split("\nFailed:")[1];
  expect(told).toContain(`${FILES}/failed.ts > never passes`);
  expect(told).toContain(`${FILES}/disturbed.ts > passes from the second time on`);
  expect(stdout.trim().split("\n").at(-1)).toBe("1 passed, 2 failed");
  expect(code).toBe(1);
});

it("an error that no test caught is a failure, whatever passes the next time", async () => {
  const { code, stdout } = await runWhole("disturbed.ts", "rejected.ts");
  expect(stdout.split("\nFailed:")[1]).toContain("unhandled error");
  expect(stdout).not.toContain("Once more, alone");
  expect(code).toBe(1);
});
