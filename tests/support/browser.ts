import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const MODULES = fileURLToPath(new URL("../../node_modules/", import.meta.url));

let shared: Promise<Browser> | undefined;

/**
 * The headless Chromium that all files of a test worker share and nobody closes; each test has contexts of its own in
 * it. It ends with the worker, profile included.
 */
export function sharedBrowser(): Promise<Browser> {
  if (!shared) process.once("SIGTERM", () => process.exit());
  return shared = (shared ?? launchBrowser())
    .then((browser) => browser.isConnected() ? browser : launchBrowser());
}

/** A headless Chromium; `CHROME_PATH` names one to use instead of the one that came from npm. */
export async function launchBrowser(): Promise<Browser> {
  const { CHROME_PATH } = process.env;
  // Only this flag: the package's own defaults switch web security off, and CORS would go untested.
  const options = { args: ["--no-sandbox"], handleSIGTERM: false };
  if (CHROME_PATH) return chromium.launch({ ...options, executablePath: CHROME_PATH });
  const folder = await unpackedChromium();
  return chromium.launch({
    ...options,
    executablePath: join(folder, "chromium"),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, "al2023/lib"),
      // Without a fonts.conf of its own it crashes on the first <input>.
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  });
}

/** Unpacks the npm package's browser once per version; renamed into place, so that parallel runs agree. */
async function unpackedChromium(): Promise<string> {
  const packageFolder = join(MODULES, "@sparticuz/chromium");
  const { version } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
  const folder = join(MODULES, ".cache/chromium", version);
  if (existsSync(folder)) return folder;

  const staging = `${folder}.${process.pid}`;
  await mkdir(staging, { recursive: true });
  const { TMPDIR } = process.env;
  process.env.TMPDIR = staging; // where the package unpacks to
  const { default: packed, inflate } = await import("@sparticuz/chromium");
  await packed.executablePath();
  await inflate(join(packageFolder, "bin/al2023.tar.br"));
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  await writeFile(join(staging, "fonts.conf"), fontsConfig(folder));
  await rename(staging, folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    return rm(staging, { recursive: true }); // another process was first
  });
  return folder;
}

function fontsConfig(folder: string): string {
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/fccache</cachedir></fontconfig>`;
}
