import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** A worker starts anew wherever the environment changes: files that ask for one of their own come last. */
class ByEnvironment extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const asks = new Map(
      files.map((file) => [file, readFileSync(file.moduleId, "utf8").startsWith("// @vitest-environment")]),
    );
    return (await super.sort(files)).sort((a, b) => Number(asks.get(a)) - Number(asks.get(b)));
  }
}

const slow = {
  // Files share a worker's imports, its Chromium and its process for the command line; databases and ports are their own.
  isolate: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  globalSetup: ["tests/support/environment.ts", "tests/support/cluster.ts"],
  expect: { poll: { timeout: 20_000 } },
};

export default defineConfig({
  // Its sources, where the npm package has a bundle.
  resolve: {
    alias: { "heddle/client": fileURLToPath(new URL("client/events/subscribe.ts", import.meta.url)) },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    // Most tests wait for a browser or a server: three at a time suit even two cores.
    maxWorkers: 3,
    sequence: { sequencer: ByEnvironment },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.{ts,tsx}", "tests/docs/*.test.ts"],
          isolate: false,
          // Some generate hundreds of cases, and a machine may be busy.
          testTimeout: 20_000,
          setupFiles: ["tests/support/patience.ts"],
          expect: { poll: { timeout: 15_000 } },
        },
      },
      { extends: true, test: { name: "integration", include: ["tests/integration/**/*.test.ts"], ...slow } },
      { extends: true, test: { name: "docs", include: ["tests/docs/run/**/*.test.ts"], ...slow } },
      { extends: true, test: { name: "realtime", include: ["tests/realtime/**/*.test.ts"], ...slow } },
      { extends: true, test: { name: "e2e", include: ["tests/e2e/**/*.test.ts"], ...slow } },
    ],
  },
});
