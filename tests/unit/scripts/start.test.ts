import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

it.each([
  [["--api-port", "1e3"], /^\n"1e3" is not a port: /],
  [["--data-dir="], /^\n--data-dir names no folder\.\n$/],
  [["--data-dir", "/dev/null/heddle"], /^\nThe data folder \/dev\/null\/heddle can't be used: /],
  [["--frehs"], /^\nUnknown option '--frehs'.*\n\nnpm start /],
])("npm start reports a usage error without a stack: %j", (words, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/start.mjs", ...words], {
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain("    at ");
}, 20_000);
