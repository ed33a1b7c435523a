import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { ensureWidgetBuilt, isWidgetBuilt } from "../../../scripts/ensure_widget.mjs";
import { CliError, messageOf } from "../../errors.ts";
import type { Progress } from "../../output/progress.ts";

const FOLDER = new URL("../../../dist/widget/", import.meta.url);
/** With its charset: a classic script otherwise takes that of the page around it. */
const JAVASCRIPT = "text/javascript; charset=utf-8";
const TEXT = "text/plain; charset=utf-8";

export interface WidgetFile {
  /** In the bucket: `heddle.js`, `assets/<name>-<hash>.js`, `licenses.txt`. */
  path: string;
  content: Uint8Array<ArrayBuffer>;
  contentType: string;
  cacheControl: string;
  /** Whether a file of this name never has other content. */
  isNamedByContent: boolean;
  /** Lowercase hex: Storage's entity tag of what is sent in one piece. */
  md5: string;
}

/** The widget of this checkout, built if needed: the licences, the chunks that point to them, then the script tag that names these. */
export async function widgetFiles(progress: Progress): Promise<WidgetFile[]> {
  await ensureWidgetBuilt(progress).catch((error: unknown) => {
    throw new CliError("program_failed", messageOf(error));
  });
  const chunks = (await readdir(new URL("assets/", FOLDER))).filter((name) => name.endsWith(".js")).sort();
  return await Promise.all([
    read("licenses.txt", { contentType: TEXT, isNamedByContent: false }),
    ...chunks.map((name) => read(`assets/${name}`, { contentType: JAVASCRIPT, isNamedByContent: true })),
    read("heddle.js", { contentType: JAVASCRIPT, isNamedByContent: false }),
  ]);
}

/** The script tag's text, which names every chunk by its content; `null` if this checkout's widget is not built. */
export async function builtScript(): Promise<string | null> {
  return isWidgetBuilt() ? await readFile(new URL("heddle.js", FOLDER), "utf8") : null;
}

async function read(
  path: string,
  { contentType, isNamedByContent }: Pick<WidgetFile, "contentType" | "isNamedByContent">,
): Promise<WidgetFile> {
  const content = new Uint8Array(await readFile(new URL(path, FOLDER)));
  return {
    path,
    content,
    contentType,
    cacheControl: isNamedByContent ? "public, max-age=31536000, immutable" : "max-age=300",
    isNamedByContent,
    md5: createHash("md5").update(content).digest("hex"),
  };
}
