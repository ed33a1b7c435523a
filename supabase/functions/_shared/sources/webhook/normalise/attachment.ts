import type { Attachment } from "../../../../../../shared/items.ts";
import { ATTACHMENT } from "./aliases.ts";
import { fieldsOf, isSource } from "./fields.ts";
import { count, idText, text, webUrl } from "./values.ts";

/** The attachments that have a URL a browser may open; an element may be the URL alone. */
export function attachments(value: unknown): Attachment[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((element) => attachment(isSource(element) ? element : { url: element }) ?? []);
}

function attachment(source: Record<string, unknown>): Attachment | undefined {
  const fields = fieldsOf(source);
  const url = fields.take(ATTACHMENT.url, webUrl);
  if (url === undefined) return undefined;
  return {
    id: fields.take(ATTACHMENT.id, idText),
    url,
    name: fields.take(ATTACHMENT.name, text),
    mime: fields.take(ATTACHMENT.mime, text),
    size: fields.take(ATTACHMENT.size, count),
    width: fields.take(ATTACHMENT.width, count),
    height: fields.take(ATTACHMENT.height, count),
  };
}
