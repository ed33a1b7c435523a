import { readFile, writeFile } from "node:fs/promises";
import { ensureInboxBuilt } from "../../scripts/ensure_inbox.mjs";
import { CliError, messageOf } from "../errors.ts";
import { type DeployOptions, type Report, said } from "./parts.ts";

const CONFIG = new URL("../../dist/inbox/config.json", import.meta.url);

export interface InboxSite {
  /** The project's address. */
  url: string;
  publishableKey: string;
  /** Where the inbox is, or will be; absent: not known yet. */
  inboxUrl?: string;
}

/**
 * Builds the inbox of this checkout and names the project in its `config.json`. Where to put it is the owner's choice:
 * the report says what they do themselves.
 */
export async function inboxReport(site: InboxSite, { dryRun, progress }: DeployOptions): Promise<Report> {
  const { url, publishableKey } = site;
  const address = site.inboxUrl ?? "https://inbox.example.com/";
  const config = `${JSON.stringify({ url, publishableKey }, null, 2)}\n`;
  if (!dryRun) {
    await ensureInboxBuilt(progress).catch((error: unknown) => {
      throw new CliError("program_failed", messageOf(error));
    });
  }
  const isWritten = await readFile(CONFIG, "utf8").then((text) => text === config, () => false);
  if (!isWritten && !dryRun) await writeFile(CONFIG, config);
  const redirectUrl = new URL("**", address).href;
  return {
    json: { folder: "dist/inbox", config: "dist/inbox/config.json", written: !isWritten, redirectUrl },
    summary: isWritten ? "up to date" : said("write", "wrote", "dist/inbox/config.json", dryRun),
    notes: [
      "The inbox: put all files of dist/inbox on a static host of yours. Supabase Storage can't be that host: it serves HTML as text.",
      `Its address must be allowed under Authentication → URL Configuration → Redirect URLs: ${redirectUrl}`,
    ],
  };
}
