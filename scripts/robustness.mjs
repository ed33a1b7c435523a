import { runWithChildren } from "./children.mjs";
import { ensureWidgetBuilt } from "./ensure_widget.mjs";
import { ensureInstalled } from "./install.mjs";
import { ROOT } from "./project.mjs";
import { runVitest } from "./run_vitest.mjs";

/** `npm run test:robustness` runs what is too slow for `npm test`; arguments are passed to Vitest. */
runWithChildren(async () => {
  await ensureInstalled();
  await ensureWidgetBuilt();
  const args = process.argv.slice(2);
  const config = ["--config=tests/robustness/vitest.config.ts", `--root=${ROOT}`];
  const { passed, failed } = await runVitest([...config, ...args], { mustLog: args.length === 0 });
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
