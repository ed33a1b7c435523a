import { spawnSync } from "node:child_process";
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

it("npm run bench explains itself before it measures anything", () => {
  const { status: code, stdout } = spawnSync(process.execPath, ["scripts/bench.mjs", "--help"], {
    encoding: "utf8",
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^npm run bench \[-- --json\]\n/);
});
