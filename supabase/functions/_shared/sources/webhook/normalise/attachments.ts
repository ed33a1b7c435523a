import type { Attachment } from "../../../../../../shared/items.ts";
import { ATTACHMENT } from "./aliases.ts";
import { count, fieldsOf, idText, isSource, type Source, text, webUrl } from "./fields.ts";

/** What browsers show as a picture, and other files that people send, by the ending of their names. */
const TYPES: Readonly<Record<string, string>> = {
  avif: "image/avif",
  bmp: "image/bmp",
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  svg: "image/svg+xml",
  webp: "image/webp",
  csv: "text/csv",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  txt: "text/plain",
  zip: "application/zip",
};
const PICTURE_WORDS = ["image", "img", "photo", "picture"];

/** The attachments that have a URL a browser may open; an element may be the URL alone. */
export function attachments(value: unknown): Attachment[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((element) => (isSource(element) ? described(element) : bare(element)) ?? []);
}

function bare(element: unknown): Attachment | undefined {
  const url = webUrl(element);
  const name = url && nameIn(url);
  return url === undefined ? undefined : { url, name, mime: typeOf(name) };
}

/** Name and type stand in the URL where the owner does not say them. */
function described(source: Source): Attachment | undefined {
  const fields = fieldsOf(source);
  const url = fields.take(ATTACHMENT.url, webUrl);
  if (url === undefined) return undefined;
  const name = fields.take(ATTACHMENT.name, text);
  const inUrl = nameIn(url);
  return {
    id: fields.take(ATTACHMENT.id, idText),
    url,
    name: name ?? inUrl,
    mime: mimeOf(fields.take(ATTACHMENT.mime, text), typeOf(name) ?? typeOf(inUrl)),
    size: fields.take(ATTACHMENT.size, count),
    width: fields.take(ATTACHMENT.width, count),
    height: fields.take(ATTACHMENT.height, count),
  };
}

/** The last part of the URL's path, if it names a file. */
function nameIn(url: string): string | undefined {
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  const slash = path.lastIndexOf("/");
  const last = path.slice(slash + 1);
  if (last === "" || slash <= path.indexOf("//") + 1) return undefined;
  return last.includes("%") ? decoded(last) : last;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    if (error instanceof URIError) return name;
    throw error;
  }
}

function typeOf(name: string | undefined): string | undefined {
  const ending = name?.slice(name.lastIndexOf(".") + 1).toLowerCase() ?? "";
  return name?.includes(".") && Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined;
}

/** A media type in lower case; where the owner writes a word such as `image` or `png`, that of the file. */
function mimeOf(written: string | undefined, ofName: string | undefined): string | undefined {
  const word = written?.trim().toLowerCase() ?? "";
  if (word.includes("/")) return word;
  if (Object.hasOwn(TYPES, word)) return TYPES[word];
  if (PICTURE_WORDS.includes(word)) return ofName?.startsWith("image/") ? ofName : "image/*";
  return ofName;
}
