import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const status = (...words: string[]) =>
  spawnSync(process.execPath, ["tools/status.mjs", ...words], { encoding: "utf8" });

it("npm run status explains itself, and tells a wrong word without a stack", () => {
  expect(status("--help")).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^npm run status \[-- options\]\n/),
  });
  const { status: code, stdout, stderr } = status("--jsno");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^\nUnknown option '--jsno'.*\n\nnpm run status /);
  expect(stderr).not.toContain("    at ");
});
