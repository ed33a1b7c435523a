import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureWidgetBuilt } from "./ensure_widget.mjs";
import { ensureInstalled } from "./install.mjs";
import { PlainError, ROOT, runCommand } from "./project.mjs";

/**
 * @typedef {{ id: string, value: number, unit: string, reference?: number, reach?: { atLeast: number } | { atMost: number } }} Measure
 */

/** `npm run bench` prints a table, `npm run -s bench -- --json` the same as JSON. */
runCommand(async () => {
  const json = process.argv.includes("--json");
  await ensureInstalled();
  await ensureWidgetBuilt();
  const measures = (await measured(json)).map(judged);
  if (json) console.log(JSON.stringify({ measures }, null, 2));
  else console.log(table(measures));
  return measures.every(({ ok }) => ok) ? 0 : 1;
});

/** @param {boolean} quiet @returns {Promise<Measure[]>} */
async function measured(quiet) {
  const folder = mkdtempSync(join(tmpdir(), "heddle-bench-"));
  const report = join(folder, "measures.jsonl");
  const vitest = spawn(process.execPath, [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config=tests/bench/vitest.config.ts",
    `--root=${ROOT}`,
  ], {
    cwd: ROOT,
    stdio: ["ignore", quiet ? "ignore" : "inherit", "inherit"],
    env: { ...process.env, BENCH_REPORT: report },
  });
  const [code] = await once(vitest, "exit");
  const lines = existsSync(report) ? readFileSync(report, "utf8").trim().split("\n") : [];
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new PlainError("A measure could not be taken. Run it without --json to see which.");
  return lines.map((line) => JSON.parse(line));
}

/** @param {Measure} measure */
function judged({ id, value, unit, reference, reach }) {
  const ratio = reference === undefined ? null : value / reference;
  const judgedValue = ratio ?? value;
  const ok = !reach || ("atLeast" in reach ? judgedValue >= reach.atLeast : judgedValue <= reach.atMost);
  const bound = !reach ? null : "atLeast" in reach ? `≥ ${reach.atLeast}` : `≤ ${reach.atMost}`;
  return {
    id,
    value,
    unit,
    reference: reference ?? null,
    ratio,
    reach: bound && ratio !== null ? `${bound}×` : bound,
    ok,
  };
}

/** @param {ReturnType<typeof judged>[]} measures */
function table(measures) {
  const rows = measures.map(({ id, value, unit, reference, ratio, reach, ok }) => [
    ok ? "✓" : "✗",
    id,
    `${value.toFixed(1)} ${unit}`,
    reference === null ? "" : `${reference.toFixed(1)} ${unit}`,
    ratio === null ? "" : `${ratio.toFixed(2)}×`,
    reach ?? "",
  ]);
  const heads = ["", "measure", "value", "against", "ratio", "reach"];
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  );
  return `\nMeasured on the local stack, on this machine: the ratios count, not the values.\n\n${
    lines.join("\n")
  }\n`;
}
