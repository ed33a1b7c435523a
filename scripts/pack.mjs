import { ensureInstalled } from "./install.mjs";
import { runCommand } from "./project.mjs";

/** `npm pack` calls this first. */
runCommand(async () => {
  await ensureInstalled();
  const { ensureFunctionsBuilt } = await import("./ensure_functions.mjs");
  const { ensureInboxBuilt } = await import("./ensure_inbox.mjs");
  const { ensureWidgetBuilt } = await import("./ensure_widget.mjs");
  await ensureFunctionsBuilt();
  await ensureInboxBuilt();
  await ensureWidgetBuilt();
  const { buildPackage } = await import("./build_package.mjs");
  for (const [file, bytes] of await buildPackage()) {
    console.error(`dist/package/${file.padEnd(24)} ${(bytes / 1000).toFixed(1)} kB`);
  }
  return 0;
});
