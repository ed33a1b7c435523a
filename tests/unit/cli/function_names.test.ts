import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { functionNames } from "../../../cli/deploy/functions/sources.ts";

it("functions are told from what else lies in their folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-functions-"));
  for (const name of ["tab-fetch", "_shared", "realtime-publish", ".vscode"]) mkdirSync(join(folder, name));
  for (const name of [".env", ".DS_Store", "readme.md"]) writeFileSync(join(folder, name), "");
  expect(await functionNames(folder)).toEqual(["realtime-publish", "tab-fetch"]);
  rmSync(folder, { recursive: true });
});
