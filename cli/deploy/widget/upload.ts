import { CliError } from "../../errors.ts";
import type { Progress } from "../../output/progress.ts";
import { type WidgetFile, widgetFiles } from "./files.ts";
import { BUCKET, type Storage, type StoredFile } from "./storage.ts";

export interface UploadedWidget {
  /** Paths of those that are, or with a dry run would be, sent. */
  sent: string[];
  unchanged: string[];
}

/**
 * Brings the widget in Storage to this checkout. The script tag goes last, and chunks of earlier builds stay: no page
 * ever loads a script whose chunks are not there.
 */
export async function uploadWidget(
  storage: Storage,
  { dryRun, progress, sent }: { dryRun: boolean; progress: Progress; sent(path: string): void },
): Promise<UploadedWidget> {
  const files = await widgetFiles(progress);
  const present = await progress("Reading the bucket", filesThere(storage, dryRun));
  const unchanged = files.filter((file) => isSame(file, present.get(file.path)));
  const wanted = files.filter((file) => !unchanged.includes(file));
  for (const file of dryRun ? [] : wanted) {
    await progress(`Sending ${file.path}`, storage.put(file));
    sent(file.path);
  }
  return { sent: wanted.map(({ path }) => path), unchanged: unchanged.map(({ path }) => path) };
}

/** The bucket's files by path. Makes the bucket if there is none, but never a private one public: it may hold secrets. */
async function filesThere(storage: Storage, dryRun: boolean): Promise<Map<string, StoredFile>> {
  const bucket = await storage.bucket();
  if (bucket === null && (dryRun || await storage.createBucket())) return new Map();
  // A concurrent deployment may have made it meanwhile, or the attempt before this one.
  const there = bucket ?? await storage.bucket();
  if (!there?.public) {
    throw new CliError(
      "conflict",
      `The bucket ${BUCKET} is private: make it public (Dashboard → Storage) if it holds nothing but the widget, then deploy again.`,
    );
  }
  const [top, assets] = await Promise.all([storage.list(""), storage.list("assets")]);
  return new Map([...top, ...[...assets].map(([name, file]) => [`assets/${name}`, file] as const)]);
}

function isSame(file: WidgetFile, stored: StoredFile | undefined): boolean {
  if (stored?.cacheControl !== file.cacheControl || stored.mimetype !== file.contentType) return false;
  // A chunk's name contains its hash. Not every Storage derives its entity tags from MD5.
  return file.isNamedByContent
    ? stored.size === file.content.length
    : stored.eTag?.replaceAll('"', "") === file.md5;
}
