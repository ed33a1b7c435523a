import PostalMime, { addressParser } from "postal-mime";
import EmailReplyParser from "email-reply-parser";
import * as z from "zod";
import { REPLY_LINE } from "./reply_address.ts";

/** A mail that came in, whichever way. */
export interface InboundMail {
  /** Lower case; several where the mail names more than one author. */
  from: string[];
  /** All addresses that it may have been sent to. */
  to: string[];
  subject: string;
  messageId: string;
  text: string;
  /** How many files came with it. */
  files: number;
  /** Names in lower case; of several of a name the first is the one that was added last, on its way to us. */
  headers: { name: string; value: string }[];
}

/** A mail as it went over the wire (RFC 5322). */
export async function readRawMail(bytes: Uint8Array): Promise<InboundMail> {
  const mail = await PostalMime.parse(bytes, {
    maxNestingDepth: 32,
    maxHeadersSize: 128 * 1024,
    maxRfc822NestingDepth: 1,
  });
  const headers = mail.headers.map(({ key, value }) => ({ name: key, value }));
  const all = (...names: string[]) =>
    headers.filter(({ name }) => names.includes(name)).flatMap(({ value }) => addressesIn(value));
  return {
    from: all("from"),
    to: all("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to"),
    subject: mail.subject ?? "",
    messageId: mail.messageId ?? "",
    text: mail.text ?? textOf(mail.html ?? ""),
    files: mail.attachments.filter(({ related }) => !related).length,
    headers,
  };
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
  attachments: z.array(z.unknown()).nullish(),
});

/**
 * A mail as an API of Resend's shape answers with it.
 * Source: https://resend.com/docs/api-reference/emails/retrieve-received-email
 */
export function readApiMail(json: unknown): InboundMail {
  const { from, to, cc, subject, message_id, text, html, headers, attachments } = apiMail.parse(json);
  return {
    from: addressesIn(from),
    to: [...to, ...cc].flatMap(addressesIn),
    subject: subject ?? "",
    messageId: message_id ?? "",
    text: text || textOf(html ?? ""),
    files: attachments?.length ?? 0,
    headers: Object.entries(headers ?? {}).flatMap(([name, value]) =>
      [value].flat().map((each) => ({ name: name.toLowerCase(), value: each }))
    ),
  };
}

function addressesIn(header: string): string[] {
  return addressParser(header, { flatten: true }).flatMap(({ address }) =>
    address ? [address.toLowerCase()] : []
  );
}

/** Why it may not be from whom it says; `null` where nothing speaks against it. */
export function doubtOf({ from, headers }: InboundMail): string | null {
  if (from.length !== 1) return "It does not name one sender.";
  // The topmost one is the receiving server's own; those below may be anybody's (RFC 8601, 5).
  const verdict = headers.find(({ name }) => name === "authentication-results")?.value.toLowerCase() ?? "";
  const says = (method: string) => new RegExp(`\\b${method}=(\\w+)`).exec(verdict)?.[1];
  if (says("dmarc") === "fail") return "Its sender's domain says that it is not theirs (DMARC).";
  if (says("dmarc") !== "pass" && [says("dkim"), says("spf")].includes("fail") && says("dkim") !== "pass") {
    return "Its sender's domain does not vouch for it (DKIM, SPF).";
  }
  return null;
}

const MAX_READ = 256 * 1024;
const MAX_PARSED = 20_000;
const MAX_BODY_BYTES = 60_000;

/** What its author has written, without what is quoted and without a signature. Empty where that is nothing. */
export function replyText(text: string): string {
  const lines = text.slice(0, MAX_READ).toWellFormed().replaceAll("\0", "").replace(/\r\n?/g, "\n").split(
    "\n",
  );
  const ours = lines.findIndex((line) => line.includes(REPLY_LINE));
  const own = (ours < 0 ? lines : withoutIntroduction(lines.slice(0, ours))).join("\n");
  // The parser's expressions take time with the square of some texts' length; hardly an answer is as long.
  return beginning((own.length > MAX_PARSED ? own : new EmailReplyParser().parseReply(own)).trim());
}

/** Between an answer and what it quotes mail programs say whose that was: a line that ends in a colon, or a few headers. */
function withoutIntroduction(lines: string[]): string[] {
  const kept = [...lines];
  const isQuote = (line: string) => /^[>\s_-]*$/.test(line);
  const dropQuotes = () => {
    while (kept.length > 0 && isQuote(kept.at(-1) ?? "")) kept.pop();
  };
  dropQuotes();
  let headers = 0;
  while (/^[>\s*]*\p{L}[\p{L} -]{0,24}\*?:\*?\s\S/u.test(kept.at(-1 - headers) ?? "")) headers++;
  if (headers > 1) kept.length -= headers;
  else if (/:\s*$/.test(kept.at(-1) ?? "")) {
    // It may be folded: up to the empty line before it, three lines at most.
    for (let at = 0; at < 3 && kept.length > 0 && (kept.at(-1) ?? "").trim() !== ""; at++) kept.pop();
  }
  dropQuotes();
  return kept;
}

/** As much as a message may hold. */
function beginning(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= MAX_BODY_BYTES) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, MAX_BODY_BYTES)).replace(/\ufffd+$/, "")}…`;
}

const ENTITIES: Record<string, string> = { nbsp: " ", lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** The words of HTML: nothing of it is ever shown as HTML. */
function textOf(html: string): string {
  return ["style", "script", "head", "blockquote"].reduce(withoutElements, html.slice(0, MAX_READ))
    .replace(/\s+/g, " ")
    .replace(/<(?:br|\/p|\/div|\/tr|\/li|\/h\d)\b[^<>]*>/gi, "\n")
    .replace(/<[^<>]*>/g, "")
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
      if (name) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = decimal ? Number(decimal) : parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
    })
    .replace(/ *\n */g, "\n");
}

/** Each from its begin to its end. What is quoted may hold quotes of its own: of that all goes to the last one's end. */
function withoutElements(html: string, name: string): string {
  const lower = html.toLowerCase();
  let kept = "";
  let at = 0;
  while (true) {
    const from = lower.indexOf(`<${name}`, at);
    if (from < 0) return kept + html.slice(at);
    kept += html.slice(at, from);
    const end = `</${name}`;
    const until = name === "blockquote" ? lower.lastIndexOf(end) : lower.indexOf(end, from);
    if (until < from) return kept;
    at = until + end.length;
    // What is left of the end is no begin of another.
    kept += "<";
  }
}
