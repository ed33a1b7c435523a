import { ensureInstalled } from "./install.mjs";
import { runCommand } from "./project.mjs";

/** Makes dist/heddle-local, for `npm pack` to pack. */
runCommand(async () => {
  await ensureInstalled();
  const { ensureFunctionsBuilt } = await import("./ensure_functions.mjs");
  const { ensureInboxBuilt } = await import("./ensure_inbox.mjs");
  const { ensureWidgetBuilt } = await import("./ensure_widget.mjs");
  await ensureFunctionsBuilt();
  await ensureInboxBuilt();
  await ensureWidgetBuilt();
  const { buildLocalPackage } = await import("./build_local.mjs");
  await buildLocalPackage();
  return 0;
});
