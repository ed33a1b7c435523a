import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { builtFiles, type Files } from "../installation/built.ts";
import { HEDDLE } from "../installation/calls.ts";
import { IS_CHECKOUT, ROOT } from "../installation/place.ts";
import { type DeployOptions, type Report, said } from "./parts.ts";

/** A checkout's build is there already. */
const FOLDER = IS_CHECKOUT ? "dist/inbox" : ".heddle/inbox";
const PLACE = IS_CHECKOUT ? fileURLToPath(new URL(FOLDER, ROOT)) : resolve(FOLDER);
const CONFIG = "config.json";

export interface InboxSite {
  /** The project's address. */
  url: string;
  publishableKey: string;
  /** Where the inbox is, or will be; absent: not known yet. */
  inboxUrl?: string;
}

/**
 * Writes the inbox into a folder and names the project in its `config.json`. Where to put it is the owner's choice: the
 * report says what they do themselves.
 */
export async function inboxReport(site: InboxSite, { dryRun, progress }: DeployOptions): Promise<Report> {
  const { url, publishableKey } = site;
  const address = site.inboxUrl ?? "https://inbox.example.com/";
  const named = { url, publishableKey, ...IS_CHECKOUT && { command: HEDDLE } };
  const config = new TextEncoder().encode(`${JSON.stringify(named, null, 2)}\n`);
  const built = dryRun && IS_CHECKOUT ? [] : await builtFiles("inbox", progress);
  const missing = await missingFiles(new Map([...built, [CONFIG, config]]));
  if (!dryRun) await write(missing);
  const isWritten = missing.size === 0;
  const what = missing.size === 1 && missing.has(CONFIG) ? `${FOLDER}/${CONFIG}` : FOLDER;
  const redirectUrl = new URL("**", address).href;
  return {
    json: { folder: FOLDER, config: `${FOLDER}/${CONFIG}`, written: !isWritten, redirectUrl },
    summary: isWritten ? "up to date" : said("write", "wrote", what, dryRun),
    notes: [
      `The inbox: put all files of ${FOLDER} on a static host of yours. Supabase Storage can't be that host: it serves HTML as text.`,
      `Its address must be allowed under Authentication → URL Configuration → Redirect URLs: ${redirectUrl}`,
    ],
  };
}

/** Those of the files that are not in their place as they should be. */
async function missingFiles(files: Files): Promise<Files> {
  const missing: Files = new Map();
  for (const [path, content] of files) {
    const present = await readFile(join(PLACE, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (!present?.equals(content)) missing.set(path, content);
  }
  return missing;
}

async function write(files: Files): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(PLACE, path)), { recursive: true });
    await writeFile(join(PLACE, path), content);
  }
}
