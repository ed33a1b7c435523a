import { addressParser } from "postal-mime";
import * as z from "zod";
import { isBlank } from "../../../../shared/text.ts";
import { textOfHtml } from "./html_text.ts";
import { countFiles, isReaction, type MailPart } from "./mail_parts.ts";
import { shortened } from "./shortened_mail.ts";
import { headInUtf8, TextParser } from "./text_parser.ts";

/** A mail that came in, whichever way: what its headers say, and its content for whoever wants that after reading them. */
export interface InboundMail {
  /** Lower case; several where the mail names more than one author. */
  from: string[];
  /** All addresses that it may have been sent to. */
  to: string[];
  subject: string;
  messageId: string;
  /** Names in lower case; of several of a name the first is the one that was added last, on its way to us. */
  headers: { name: string; value: string }[];
  /** Reads the rest. Throws where that is no mail. */
  content(): Promise<MailContent>;
}

export interface MailContent {
  text: string;
  /** How many files came with it. */
  files: number;
  /** Why it is no answer, where its parts say so. */
  automatic?: "reaction";
}

const MAX_HEADERS_BYTES = 128 * 1024;

/** The headers of a mail as it went over the wire (RFC 5322). Throws for what is no mail. */
export async function readRawMail(bytes: Uint8Array): Promise<InboundMail> {
  const mail = await parsed(headInUtf8(headOf(bytes)));
  const headers = mail.headers.map(({ key, value }) => ({ name: key, value }));
  const all = (...names: string[]) =>
    headers.filter(({ name }) => names.includes(name)).flatMap(({ value }) => addressesIn(value));
  return {
    from: all("from"),
    to: all("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to"),
    subject: mail.subject ?? "",
    messageId: mail.messageId ?? "",
    headers,
    async content() {
      const { text, html, attachments } = await parsed(shortened(bytes, { maxHeaders: MAX_HEADERS_BYTES }));
      return contentOf(
        { text, html },
        attachments.map(({ mimeType, disposition, contentId, related, method }) => (
          { type: mimeType, disposition, contentId, isRelated: related, method }
        )),
      );
    },
  };
}

function parsed(bytes: Uint8Array) {
  const parser = new TextParser({
    maxNestingDepth: 32,
    // `shortened` has added some.
    maxHeadersSize: 2 * MAX_HEADERS_BYTES,
    maxRfc822NestingDepth: 1,
  });
  return parser.parse(bytes);
}

/** Up to the first empty line, and no further than headers may go. */
function headOf(bytes: Uint8Array): Uint8Array {
  const LF = 10, CR = 13;
  const most = bytes.subarray(0, MAX_HEADERS_BYTES + 1);
  for (let at = most.indexOf(LF); at >= 0; at = most.indexOf(LF, at + 1)) {
    if (most[at + 1] === LF || (most[at + 1] === CR && most[at + 2] === LF)) return most.subarray(0, at + 1);
  }
  return most;
}

const texts = z.array(z.string()).nullish().transform((value) => value ?? []);
const apiMail = z.object({
  from: z.string(),
  to: texts,
  cc: texts,
  subject: z.string().nullish(),
  message_id: z.string().nullish(),
  text: z.string().nullish(),
  html: z.string().nullish(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish(),
  attachments: z.array(z.object({
    content_type: z.string().nullish(),
    content_disposition: z.string().nullish(),
    content_id: z.string().nullish(),
  }))
    .nullish().transform((value) => value ?? []),
});

/**
 * A mail as an API of Resend's shape answers with it. Throws for what is none, as for headers that no mail may have.
 * Source: https://resend.com/docs/api-reference/emails/retrieve-received-email
 */
export function readApiMail(json: unknown): InboundMail {
  const { from, to, cc, subject, message_id, text, html, headers, attachments } = apiMail.parse(json);
  if (JSON.stringify([from, to, cc, headers]).length > MAX_HEADERS_BYTES) {
    throw new Error("Its headers are too long.");
  }
  return {
    from: addressesIn(from),
    to: [...to, ...cc].flatMap(addressesIn),
    subject: subject ?? "",
    messageId: message_id ?? "",
    headers: Object.entries(headers ?? {}).flatMap(([name, value]) =>
      [value].flat().map((each) => ({ name: name.toLowerCase(), value: each }))
    ),
    content: () =>
      Promise.resolve(contentOf(
        { text, html },
        attachments.map((
          { content_type, content_disposition, content_id },
        ) => ({ type: content_type ?? "", disposition: content_disposition, contentId: content_id })),
      )),
  };
}

function contentOf(
  { text, html }: { text?: string | null; html?: string | null },
  parts: MailPart[],
): MailContent {
  return {
    // Some programs add a text in which nothing stands to their HTML.
    text: text && !isBlank(text) ? text : textOfHtml(html ?? ""),
    files: countFiles(parts, html ?? ""),
    ...(parts.some(isReaction) ? { automatic: "reaction" } : {}),
  };
}

function addressesIn(header: string): string[] {
  return addressParser(header, { flatten: true }).flatMap(({ address }) =>
    address ? [address.toLowerCase()] : []
  );
}
