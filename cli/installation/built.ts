import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import * as z from "zod";
import { CliError, messageOf } from "../errors.ts";
import type { Progress } from "../output/progress.ts";
import { IS_CHECKOUT, ROOT } from "./place.ts";

/** What a project gets of Heddle besides its migrations. */
export type Build = "functions" | "inbox" | "widget";
/** Files by their paths, with "/". */
export type Files = Map<string, Uint8Array<ArrayBuffer>>;

/** In a checkout what makes each, which the package neither has nor needs: it is loaded when it is called. */
const BUILDERS: Record<Build, (progress: Progress) => Promise<unknown>> = {
  async functions(progress) {
    const { ensureFunctionsBuilt } = await import("../../scripts/ensure_functions.mjs");
    await ensureFunctionsBuilt(progress);
  },
  async inbox(progress) {
    const { ensureInboxBuilt } = await import("../../scripts/ensure_inbox.mjs");
    await ensureInboxBuilt(progress);
  },
  async widget(progress) {
    const { ensureWidgetBuilt } = await import("../../scripts/ensure_widget.mjs");
    await ensureWidgetBuilt(progress);
  },
};

const archiveSchema = z.record(z.string(), z.string());

/** The files of a build: the checkout's, built if needed, or the package's. Throws a `CliError` if it can't be built. */
export async function builtFiles(name: Build, progress: Progress): Promise<Files> {
  if (!IS_CHECKOUT) return await packedFiles(name);
  await BUILDERS[name](progress).catch((error: unknown) => {
    throw new CliError("program_failed", messageOf(error));
  });
  return await filesIn(new URL(`dist/${name}/`, ROOT));
}

/** The widget's files as above, without building anything: null if what the checkout has is not of its sources. */
export async function presentWidget(): Promise<Files | null> {
  if (!IS_CHECKOUT) return await packedFiles("widget");
  const { isWidgetBuilt } = await import("../../scripts/ensure_widget.mjs");
  return isWidgetBuilt() ? await filesIn(new URL("dist/widget/", ROOT)) : null;
}

/** The files of this version's `supabase/migrations`. */
export async function migrationTexts(): Promise<Map<string, string>> {
  const files = IS_CHECKOUT
    ? await filesIn(new URL("supabase/migrations/", ROOT))
    : await packedFiles("migrations");
  return new Map([...files].map(([name, content]) => [name, new TextDecoder().decode(content)]));
}

async function filesIn(folder: URL): Promise<Files> {
  const from = fileURLToPath(folder);
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = await Promise.all(
    paths.sort().map(async (path) =>
      [
        relative(from, path).replaceAll("\\", "/"),
        new Uint8Array(await readFile(path)),
      ] as const
    ),
  );
  return new Map(read);
}

/** The package holds them compressed, as scripts/pack.mjs has written them. */
async function packedFiles(name: Build | "migrations"): Promise<Files> {
  const archive = await readFile(new URL(`dist/package/${name}.json.gz`, ROOT));
  const texts = archiveSchema.parse(JSON.parse(gunzipSync(archive).toString()));
  return new Map(Object.entries(texts).map(([path, text]) => [path, new TextEncoder().encode(text)]));
}
