import { expect, it } from "vitest";
import { runDeno } from "../support/process.ts";
import { descendantsOf, isRunning } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

const RUN = "npm run --silent test:robustness -- tests/robustness/postgres_server.test.ts";

it.each([
  ["SIGTERM to npm", (run: Terminal) => run.signal("SIGTERM")],
  ["Ctrl-C", (run: Terminal) => run.interrupt()],
])("ends every process of a test run on %s", async (_, end) => {
  const run = new Terminal(RUN);
  const below = (word: string) => descendantsOf(run.child.pid ?? 0, word);
  // Vitest, a worker of it, the Postgres that all tests share, and one that the test has started.
  await expect.poll(() => below("bin/postgres -D").length, { timeout: 60_000 }).toBeGreaterThan(1);
  const pids = below("");
  expect(pids.length).toBeGreaterThan(4);
  await end(run);
  await expect.poll(() => pids.filter(isRunning)).toEqual([]);
}, 90_000);

it("ends programs that tests have started when the tests are killed", async () => {
  const starter = runDeno(["tests/robustness/support/tethered_sleep.ts"]);
  const pid = await starter.event<number>("started");
  expect(isRunning(pid)).toBe(true);
  starter.child.kill("SIGKILL");
  await expect.poll(() => isRunning(pid)).toBe(false);
});
