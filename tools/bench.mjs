import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { MEASURES } from "./bench/measures.mjs";
import { judge, table } from "./bench/report.mjs";
import { ensureWidgetBuilt } from "./ensure_widget.mjs";
import { ensureInstalled } from "./install.mjs";
import { PlainError, ROOT, runCommand } from "./project.mjs";

const HEAD = `Measured on the local stack, on this machine with ${availableParallelism()} cores: ` +
  "the ratios and counts hold elsewhere, the values do not. docs/numbers.md says what each is.";

/**
 * `npm run bench` prints a table, `npm run -s bench -- --json` the same as JSON; progress goes to standard error. Exits with 1
 * where a reach is missed.
 */
runCommand(async () => {
  await ensureInstalled();
  await ensureWidgetBuilt();
  const measures = judge(MEASURES, await measured());
  if (process.argv.includes("--json")) console.log(JSON.stringify({ measures }, null, 2));
  else console.log(`\n${HEAD}\n\n${table(MEASURES, measures)}\n`);
  return measures.every(({ ok }) => ok) ? 0 : 1;
});

/** @returns {Promise<import("./bench/report.mjs").Measured[]>} */
async function measured() {
  const folder = mkdtempSync(join(tmpdir(), "heddle-bench-"));
  const report = join(folder, "measures.jsonl");
  const vitest = spawn(process.execPath, [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=verbose",
    "--config=tests/bench/vitest.config.ts",
    `--root=${ROOT}`,
  ], {
    cwd: ROOT,
    stdio: ["ignore", process.stderr, "inherit"],
    env: { ...process.env, BENCH_REPORT: report },
  });
  const [code] = await once(vitest, "exit");
  const lines = existsSync(report) ? readFileSync(report, "utf8").trim().split("\n") : [];
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new PlainError("A measure could not be taken; what kept it stands above.");
  return lines.map((line) => JSON.parse(line));
}
