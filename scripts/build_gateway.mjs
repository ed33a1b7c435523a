import { join } from "node:path";
import { build } from "vite";
import { ROOT, runCommand } from "./project.mjs";

runCommand(async () => {
  const [outDir = join(ROOT, "dist/gateway")] = process.argv.slice(2);
  await buildGateway(outDir);
  console.log(`Wrote ${outDir}/main.mjs: node ${outDir}/main.mjs`);
  return 0;
});

/**
 * Builds the gateway with all that it needs into one file for Node.
 * @param {string} outDir
 */
async function buildGateway(outDir) {
  await build({
    root: ROOT,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: "error",
    mode: "production",
    ssr: { noExternal: true, target: "node" },
    build: {
      ssr: "gateway/main.ts",
      outDir,
      emptyOutDir: true,
      target: "node20",
      minify: false,
      rollupOptions: {
        // What ws would use if it were there.
        external: ["bufferutil", "utf-8-validate"],
        output: { entryFileNames: "main.mjs", chunkFileNames: "[name].mjs" },
      },
    },
  });
}
