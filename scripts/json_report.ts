import { writeFile } from "node:fs/promises";
import { JsonReporter } from "vitest/node";

/**
 * Vitest's JSON report, written to `HEDDLE_TEST_REPORT` without a line on the screen: the file is gone afterwards. Vitest wants a default export.
 */
export default class extends JsonReporter {
  override async writeReport(report: string): Promise<void> {
    await writeFile(process.env["HEDDLE_TEST_REPORT"] ?? "", report);
  }
}
