import { createRequire } from "node:module";

/** Path of the Deno binary from npm. The binary itself, not npm's wrapper: a signal to the wrapper orphans Deno. */
export function denoPath() {
  return createRequire(import.meta.url)("deno/install_api.cjs").runInstall();
}
