import { join } from "node:path";
import { runWithChildren } from "./children.mjs";
import { ensureFunctionsBuilt } from "./ensure_functions.mjs";
import { ensureInboxBuilt } from "./ensure_inbox.mjs";
import { ensureWidgetBuilt } from "./ensure_widget.mjs";
import { ensureInstalled } from "./install.mjs";
import { ROOT, ScriptError } from "./project.mjs";
import { runVitest, runWholeVitest } from "./run_vitest.mjs";
import { SLOW_TESTS } from "./slow_tests.mjs";
import { tellTotal } from "./test_report.mjs";

const VARIABLES = {
  seed: "ROBUSTNESS_SEED",
  faults: "ROBUSTNESS_FAULTS_MINUTES",
  "store-faults": "ROBUSTNESS_STORE_FAULTS_MINUTES",
  steps: "ROBUSTNESS_STEPS",
};

/** What is run alone, and longer. */
const FILES = {
  ROBUSTNESS_STEPS: "store_model",
  ROBUSTNESS_FAULTS_MINUTES: "random_faults",
  ROBUSTNESS_STORE_FAULTS_MINUTES: "store_faults",
};

/**
 * `npm run test:robustness` runs what is too slow for `npm test`. `--faults=<minutes>` runs the random faults alone, and for so
 * long; `--steps=<n>` the simulated store alone, with so many steps; `--seed=<n>` repeats what a seed made. Further arguments
 * are passed to Vitest.
 */
runWithChildren(async () => {
  const args = readArguments(process.argv.slice(2));
  await ensureInstalled();
  await ensureWidgetBuilt();
  const config = ["--config=tests/robustness/vitest.config.ts", `--root=${ROOT}`];
  const isWhole = args.length === 0;
  return tellTotal(
    isWhole
      ? [await runWholeVitest(config), await testSlowly(), await testBundles()]
      : [await runVitest([...config, ...args])],
  );
});

/** What `npm test` leaves out. */
async function testSlowly() {
  await ensureInboxBuilt();
  await ensureFunctionsBuilt();
  return await runWholeVitest([], SLOW_TESTS);
}

/** What is asked of the functions over HTTP, once more of their bundles, as owners deploy them. */
async function testBundles() {
  await ensureFunctionsBuilt();
  process.env.HEDDLE_TEST_FUNCTIONS = join(ROOT, "dist/functions");
  return await runWholeVitest(["--project=integration"], ["tests/integration/functions/"]);
}

/**
 * Those for Vitest; the tests are told the others by their environment.
 * @param {string[]} given
 */
function readArguments(given) {
  const rest = given.filter((argument) => {
    const [, name, value] = /^--(faults|store-faults|seed|steps)(?:=(.*))?$/.exec(argument) ?? [];
    if (name === undefined) return true;
    if (!(Number(value) > 0)) throw new ScriptError(`--${name}=<n> takes a number above 0`);
    process.env[VARIABLES[/** @type {keyof typeof VARIABLES} */ (name)]] = value;
    return false;
  });
  const alone = Object.entries(FILES).filter(([name]) => process.env[name] !== undefined);
  if (alone.some(([, file]) => file.endsWith("_faults"))) {
    process.env.ROBUSTNESS_SEED ??= String(Math.floor(Math.random() * 2 ** 31) + 1);
  }
  return [...rest, ...alone.map(([, file]) => `${file}.test.ts`)];
}
