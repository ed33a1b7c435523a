import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { MEASURES } from "./bench/measures.mjs";
import { judge, misses, table } from "./bench/report.mjs";
import { runWithChildren } from "./children.mjs";
import { ensureWidgetBuilt } from "./ensure_widget.mjs";
import { ensureInstalled } from "./install.mjs";
import { ROOT, ScriptError } from "./project.mjs";

const HEAD = `Measured on the local stack, on this machine with ${availableParallelism()} cores: ` +
  "the ratios and counts hold elsewhere, the values do not. tests/bench/README.md says what each is.";

const HELP = `npm run bench [-- --json] [--messages=<n>]

Measures Heddle on the local stack, within minutes, and compares with what each number should be at least or at most.

  --json          print JSON (npm run -s bench -- --json prints nothing else)
  --messages=<n>  in the largest of the built-in stores: 200000, or say 1000000, which take minutes to make the first time

Exit codes: 0 all within bounds, 1 one is not (standard error names it)`;

/** At least so many that a hundredth of them are some conversations. */
const MESSAGES = /^--messages=([1-9]\d{2,4}000)$/;

runWithChildren(async () => {
  const isOption = (/** @type {string} */ word) =>
    ["--json", "--help", "-h"].includes(word) || MESSAGES.test(word);
  const unknown = process.argv.slice(2).find((word) => !isOption(word));
  if (unknown !== undefined) throw new ScriptError(`"${unknown}" is not an option.\n\n${HELP}`);
  if (process.argv.some((word) => word === "--help" || word === "-h")) return console.log(HELP), 0;
  await ensureInstalled();
  await ensureWidgetBuilt();
  const measures = judge(MEASURES, await measured());
  if (process.argv.includes("--json")) console.log(JSON.stringify({ measures }, null, 2));
  else console.log(`\n${HEAD}\n\n${table(MEASURES, measures)}\n`);
  for (const line of misses(MEASURES, measures)) console.error(line);
  return measures.every(({ ok }) => ok) ? 0 : 1;
});

/** @returns {Record<string, string>} */
function messagesWanted() {
  const [, messages] = process.argv.map((word) => MESSAGES.exec(word)).find((match) => match) ?? [];
  return messages === undefined ? {} : { BENCH_MESSAGES: messages };
}

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
    env: { ...process.env, BENCH_REPORT: report, ...messagesWanted() },
  });
  const [code] = await once(vitest, "exit");
  const lines = existsSync(report) ? readFileSync(report, "utf8").trim().split("\n") : [];
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new ScriptError("A measurement failed; see the output above.");
  return lines.map((line) => JSON.parse(line));
}
