import { join } from "node:path";
import { ensureInstalled } from "./install.mjs";
import { ROOT, runCommand } from "./project.mjs";

runCommand(async () => {
  await ensureInstalled();
  const { buildWidget } = await import("./build-widget.mjs");
  await buildWidget({ outDir: join(ROOT, "dist/widget") });
  return 0;
});
