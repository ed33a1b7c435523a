import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const status = (...words: string[]) =>
  spawnSync(process.execPath, ["scripts/status.mjs", ...words], { encoding: "utf8" });

it("npm run status has --help, and reports a usage error without a stack", () => {
  expect(status("--help")).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^npm run status \[-- options\]\n/),
  });
  const { status: code, stdout, stderr } = status("--jsno");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^\nUnknown option '--jsno'.*\n\nnpm run status /);
  expect(stderr).not.toContain("    at ");
});

it("npm run status suggests commands for the folder that it was asked about", () => {
  expect(status("--data-dir", "/nonexistent").stderr).toBe(
    "\nHeddle is not running here. Start it: npm start -- --data-dir /nonexistent\n",
  );
});

it.each(["null", "{}", '{"pid":1,"api', ""])(
  "npm run status counts a status that says %j as none",
  (content) => {
    const dataDir = mkdtempSync(join(tmpdir(), "heddle-status-"));
    writeFileSync(join(dataDir, "status.json"), content);
    expect(status("--data-dir", dataDir).stderr).toMatch(/^\nHeddle is not running here\./);
    rmSync(dataDir, { recursive: true });
  },
);

it("npm run status needs a folder where it is asked about one", () => {
  expect(status("--data-dir=").stderr).toBe("\n--data-dir names no folder.\n");
  expect(status("--data-dir", "/dev/null").stderr).toMatch(/^\nHeddle is not running here\./);
});

it("npm run bench explains itself before it measures anything", () => {
  const { status: code, stdout } = spawnSync(process.execPath, ["scripts/bench.mjs", "--help"], {
    encoding: "utf8",
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^npm run bench \[-- --json\] \[--messages=<n>\]\n/);
});
