import { existsSync } from "node:fs";
import { runWithChildren } from "./children.mjs";
import { ensureWidgetBuilt } from "./ensure_widget.mjs";
import { ensureInstalled } from "./install.mjs";
import { ROOT } from "./project.mjs";
import { runVitest } from "./run_vitest.mjs";

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
  let failed = isRequired ? missing.length : 0;
  let passed = 0;
  if (missing.length < NEEDED.length) {
    await ensureInstalled();
    await ensureWidgetBuilt();
    const args = ["--config=tests/browsers/vitest.config.ts", `--root=${ROOT}`, ...process.argv.slice(2)];
    const counts = await runVitest(args);
    passed += counts.passed;
    failed += counts.failed;
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
