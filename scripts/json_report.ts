import { writeFile } from "node:fs/promises";
import { JsonReporter, type SerializedError, type TestModule } from "vitest/node";

/**
 * Vitest's JSON report with its `unhandledErrors`, written to `HEDDLE_TEST_REPORT` without a line on the screen: the file is gone
 * afterwards. Vitest wants a default export.
 */
export default class extends JsonReporter {
  #unhandled: string[] = [];

  override async onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[] = [],
  ): Promise<void> {
    this.#unhandled = unhandled.map(({ stack, message }) => stack ?? message);
    await super.onTestRunEnd(modules);
  }

  override async writeReport(report: string): Promise<void> {
    const whole = { ...JSON.parse(report), unhandledErrors: this.#unhandled };
    await writeFile(process.env["HEDDLE_TEST_REPORT"] ?? "", JSON.stringify(whole));
  }
}
