import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll } from "vitest";
import { buildInbox } from "../../scripts/build_inbox.mjs";
import { buildWidget } from "../../scripts/build_widget.mjs";
import { isInboxBuilt } from "../../scripts/ensure_inbox.mjs";
import { isWidgetBuilt } from "../../scripts/ensure_widget.mjs";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const BUILDS = {
  widget: { isBuilt: isWidgetBuilt, build: buildWidget },
  inbox: { isBuilt: isInboxBuilt, build: buildInbox },
};

/** Returns the folder of what is built, once the tests run: what `npm test` has built before, or else a build for this file. */
export function useBuilt(name: keyof typeof BUILDS): () => string {
  const { isBuilt, build } = BUILDS[name];
  let outDir = join(DIST, name);

  beforeAll(async () => {
    if (isBuilt()) return;
    const folder = mkdtempSync(join(tmpdir(), "heddle-built-"));
    outDir = join(folder, name);
    await build({ outDir });
    return () => rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  return () => outDir;
}
