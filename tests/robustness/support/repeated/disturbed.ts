import { existsSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { keepLog } from "../../../support/logs.ts";

const mark = process.env["HEDDLE_TEST_MARK"] ?? "";

it("passes from the second time on", () => {
  keepLog("disturbed")("a line");
  const hasRun = existsSync(mark);
  writeFileSync(mark, "");
  expect(hasRun).toBe(true);
});
