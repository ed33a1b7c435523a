import PostalMime from "postal-mime";

/** What a parser has read of one part. */
interface Part {
  /** Without its transfer encoding. */
  content: ArrayBuffer | null;
  contentType: { parsed: { params: Record<string, string> } };
}

// Which part is text is asked before it is decoded, and no public option has a say in how.
const parser = PostalMime.prototype as unknown as { isInlineTextNode(part: Part): boolean };

/** Reads mails, and texts whose character set they don't say, or say wrongly. */
export class TextParser extends PostalMime {
  protected isInlineTextNode(part: Part): boolean {
    const isText = parser.isInlineTextNode.call(this, part);
    const { params } = part.contentType.parsed;
    if (isText && part.content) {
      params.charset = charsetOf(params.charset ?? "", new Uint8Array(part.content));
    }
    return isText;
  }
}

const ASCII = /^(?:us-ascii|ascii|ansi_x3\.4-1968)$/;

/**
 * The character set of a text: what its part says, unless that is none (`unknown-8bit`), or one that has no such characters
 * (`us-ascii`, or nothing: RFC 2045, 5.2). Then it is UTF-8 where it can be, which other texts are by no chance.
 */
export function charsetOf(declared: string, bytes: Uint8Array): string {
  const label = declared.toLowerCase().replace(/[\s"';,]+/g, "");
  const isSaid = label !== "" && !ASCII.test(label);
  if ((isSaid && isKnown(label)) || !bytes.some((byte) => byte >= 0x80)) return label;
  if (isUtf8(bytes)) return "utf-8";
  return isSaid ? label : "windows-1252";
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== "";
  } catch {
    return false;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Headers that hold what only UTF-8 may hold (RFC 6532), in that. */
export function headInUtf8(head: Uint8Array): Uint8Array {
  return isUtf8(head) ? head : new TextEncoder().encode(new TextDecoder("windows-1252").decode(head));
}
