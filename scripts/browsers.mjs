import { existsSync } from "node:fs";
import { runWithChildren } from "./children.mjs";
import { ensureWidgetBuilt } from "./ensure_widget.mjs";
import { ensureInstalled } from "./install.mjs";
import { ROOT } from "./project.mjs";
import { runVitest, runWholeVitest } from "./run_vitest.mjs";
import { tellTotal } from "./test_report.mjs";

/** What tests/browsers starts, and the Debian packages that bring it. */
const NEEDED = [
  { name: "Firefox", packages: "firefox-esr", paths: ["/usr/bin/firefox-esr"] },
  {
    name: "WebKit",
    packages: "webkit2gtk-driver xvfb",
    paths: ["/usr/bin/WebKitWebDriver", "/usr/bin/Xvfb"],
  },
];

/**
 * `npm run test:browsers` runs the widget in Firefox and WebKit, as far as they are installed; arguments are passed to Vitest.
 * With `HEDDLE_BROWSERS=required` a missing one is a failure.
 */
runWithChildren(async () => {
  const missing = NEEDED.filter(({ paths }) => !paths.every((path) => existsSync(path)));
  const isRequired = process.env.HEDDLE_BROWSERS === "required";
  for (const { name, packages } of missing) {
    console.log(`${name} is not installed (apt-get install ${packages}): its tests are skipped.`);
  }
  /** @type {import("./test_report.mjs").TestResult[]} */
  const results = [{ passed: 0, failed: isRequired ? missing.length : 0, failures: [] }];
  if (missing.length < NEEDED.length) {
    await ensureInstalled();
    await ensureWidgetBuilt();
    const config = ["--config=tests/browsers/vitest.config.ts", `--root=${ROOT}`];
    const args = process.argv.slice(2);
    results.push(args.length === 0 ? await runWholeVitest(config) : await runVitest([...config, ...args]));
  }
  return tellTotal(results);
});
