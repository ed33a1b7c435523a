import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { createLog, lineWriter } from "../../../scripts/log_file.mjs";

it("a log begins anew, for this user alone, a line each", () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "heddle.log");
  writeFileSync(file, "of yesterday", { mode: 0o644 });
  const log = createLog(file, () => undefined);
  log("one");
  log("two");
  expect(readFileSync(file, "utf8")).toBe("one\ntwo\n");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it("a full disk costs lines of the log, and is told of once", () => {
  const full = openSync("/dev/full", "w");
  onTestFinished(() => closeSync(full));
  const onProblem = vi.fn();
  const write = lineWriter(full, onProblem);
  for (const line of ["one", "two", "three"]) write(line);
  expect(onProblem.mock.calls).toEqual([[expect.stringContaining("ENOSPC")]]);
});
