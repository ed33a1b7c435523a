import { createHash } from "node:crypto";
import { builtFiles, type Files, presentWidget } from "../../installation/built.ts";
import type { Progress } from "../../output/progress.ts";

/** With its charset: a classic script otherwise takes that of the page around it. */
const JAVASCRIPT = "text/javascript; charset=utf-8";
const TEXT = "text/plain; charset=utf-8";

export interface WidgetFile {
  /** In the bucket: `heddle.js`, `push_worker.js`, `assets/<name>-<hash>.js`, `licenses.txt`. */
  path: string;
  content: Uint8Array<ArrayBuffer>;
  contentType: string;
  cacheControl: string;
  /** Whether a file of this name never has other content. */
  isNamedByContent: boolean;
  /** Lowercase hex: Storage's entity tag of what is sent in one piece. */
  md5: string;
}

/** The widget of this version, built if needed: the licences, the chunks that point to them, then the script tag that names these. */
export async function widgetFiles(progress: Progress): Promise<WidgetFile[]> {
  const built = await builtFiles("widget", progress);
  const chunks = [...built.keys()].filter((path) => /^assets\/.*\.js$/.test(path)).sort();
  return [
    fileOf(built, "licenses.txt", { contentType: TEXT, isNamedByContent: false }),
    ...chunks.map((path) => fileOf(built, path, { contentType: JAVASCRIPT, isNamedByContent: true })),
    fileOf(built, "push_worker.js", { contentType: JAVASCRIPT, isNamedByContent: false }),
    fileOf(built, "heddle.js", { contentType: JAVASCRIPT, isNamedByContent: false }),
  ];
}

/** The script tag's text, which names every chunk by its content; `null` if the widget is not built here. */
export async function builtScript(): Promise<string | null> {
  const script = (await presentWidget())?.get("heddle.js");
  return script ? new TextDecoder().decode(script) : null;
}

function fileOf(
  built: Files,
  path: string,
  { contentType, isNamedByContent }: Pick<WidgetFile, "contentType" | "isNamedByContent">,
): WidgetFile {
  const content = built.get(path) ?? new Uint8Array();
  return {
    path,
    content,
    contentType,
    cacheControl: isNamedByContent ? "public, max-age=31536000, immutable" : "max-age=300",
    isNamedByContent,
    md5: createHash("md5").update(content).digest("hex"),
  };
}
