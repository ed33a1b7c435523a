import { runWholeVitest } from "../../../../scripts/run_vitest.mjs";
import { tellTotal } from "../../../../scripts/test_report.mjs";

const config = "--config=tests/robustness/support/repeated/vitest.config.ts";
process.exitCode = tellTotal([await runWholeVitest([config], process.argv.slice(2))]);
