import * as z from "zod";
import { HeddleError } from "../../../shared/errors.ts";
import { derivedKey } from "../_shared/auth/session.ts";
import { answerSoon } from "../_shared/bots/relay.ts";
import { receiveMail } from "../_shared/database/received_mails.ts";
import { deliverSoon } from "../_shared/deliveries/deliver_soon.ts";
import { environment } from "../_shared/environment.ts";
import { parseJson } from "../_shared/http/body.ts";
import { endpoint, json } from "../_shared/http/endpoint.ts";
import { readBytes } from "../_shared/http/in_time.ts";
import { readBody, validate } from "../_shared/http/request.ts";
import { automaticReason } from "../_shared/mail/automatic_mail.ts";
import {
  type InboundMail,
  type MailContent,
  readApiMail,
  readRawMail,
} from "../_shared/mail/inbound_mail.ts";
import { readInboundSettings } from "../_shared/mail/inbound_settings.ts";
import { doubtOf, isVouchedFor } from "../_shared/mail/mail_doubt.ts";
import { readMailApi } from "../_shared/mail/mail_settings.ts";
import { readReplyAddress, type ReplyTarget } from "../_shared/mail/reply_address.ts";
import { replyText } from "../_shared/mail/reply_text.ts";
import { isSigned, signedHeaders } from "../_shared/mail/signed_webhook.ts";
import { subjectText } from "../_shared/mail/subject_text.ts";
import { createHash } from "node:crypto";

/** A mail with files; they are not kept. */
const MAX_BYTES = 10 * 1024 * 1024;
const API_MS = 10_000;

const receivedEvent = z.object({
  type: z.string(),
  data: z.looseObject({ email_id: z.string().optional() }),
});

/**
 * POST mail-inbound    signed as Standard Webhooks says, with a secret of HEDDLE_INBOUND_SECRET
 *
 * An answer to one of our mails becomes a message of whom that mail was sent to. The body is the mail itself (message/rfc822),
 * or the event email.received of an API of Resend's shape, from which the mail is then fetched.
 *
 * 200 { outcome }: posted, held, known, empty, refused, or ignored with a reason; a mail is never worth another try
 * 401 invalid_api_key · 413 payload_too_large · 502 source_failed where the API does not hand the mail out
 */
const fetch = endpoint(
  { name: "mail-inbound", method: "POST", callers: "servers" },
  async (request, call) => {
    const settings = readInboundSettings((name) => Deno.env.get(name));
    const signed = signedHeaders(request.headers, call.startedAt);
    if (!settings || !signed) throw notSigned();
    const bytes = await readBody(request, { maxBytes: MAX_BYTES });
    if (!isSigned(signed, bytes, settings.secrets)) throw notSigned();

    const mail = await mailOf(request, bytes);
    if (mail === null) return json({ outcome: "ignored", reason: "not-mail" });
    const target = targetOf(mail, settings.domain);
    if (target === null) return json({ outcome: "ignored", reason: "no-address" });
    const automatic = automaticReason(mail);
    if (automatic !== null) return json({ outcome: "ignored", reason: automatic });
    const content = await readable(() => mail.content());
    if (content.automatic) return json({ outcome: "ignored", reason: content.automatic });

    const { outcome, agentId, bot } = await receiveMail({
      target,
      clientId: clientIdOf(mail, content, target),
      from: mail.from[0] ?? "",
      subject: mail.subject.toWellFormed().replaceAll("\0", ""),
      body: bodyOf(mail, content, target),
      doubt: doubtOf(mail),
      isVouchedFor: isVouchedFor(mail),
    });
    if (agentId) call.notes.agentId = agentId;
    if (outcome === "posted" && agentId) deliverSoon(agentId, call);
    if (bot?.tabId) answerSoon({ ...bot, tabId: bot.tabId }, call);
    return json({ outcome });
  },
);

/** One answer for whatever is wrong, so that nobody learns which. */
function notSigned(): HeddleError {
  return new HeddleError(
    "invalid_api_key",
    "The mail must be signed now, as Standard Webhooks says, with the secret of the inbound mail.",
  );
}

async function mailOf(request: Request, bytes: Uint8Array): Promise<InboundMail | null> {
  const type = request.headers.get("content-type") ?? "";
  if (/^application\/json\s*(?:;|$)/i.test(type)) {
    const event = validate(receivedEvent, parseJson(bytes));
    const id = event.data.email_id;
    return event.type === "email.received" && id !== undefined ? await fetchMail(id) : null;
  }
  return await readable(() => readRawMail(bytes));
}

async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new HeddleError("invalid_request", "The body must be a mail (RFC 5322).", { cause });
  }
}

async function fetchMail(id: string): Promise<InboundMail> {
  const api = readMailApi((name) => Deno.env.get(name));
  const failed = (cause: unknown) =>
    new HeddleError("source_failed", "The mail API did not hand the mail out.", { cause });
  if (api === null) throw failed(new Error("HEDDLE_MAIL_API_KEY is not set"));
  const { url, key } = api;
  const signal = AbortSignal.timeout(API_MS);
  try {
    const response = await globalThis.fetch(
      `${url.href.replace(/\/+$/, "")}/receiving/${encodeURIComponent(id)}`,
      {
        headers: { authorization: `Bearer ${key}` },
        redirect: "manual",
        signal,
      },
    );
    const bytes = await readBytes(response.body, MAX_BYTES, signal);
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return readApiMail(parseJson(bytes));
  } catch (cause) {
    throw failed(cause);
  }
}

function targetOf(mail: InboundMail, domain: string): ReplyTarget | null {
  const key = derivedKey(environment().sessionSecret, "reply");
  for (const address of mail.to) {
    const target = readReplyAddress(address, key, domain);
    if (target) return target;
  }
  return null;
}

/** Of one author alone, so that nobody can take the place of another's mail. */
function clientIdOf(
  { messageId, from, subject }: InboundMail,
  { text }: MailContent,
  target: ReplyTarget,
): string {
  const same = messageId || JSON.stringify([from, subject, text]);
  const hash = createHash("sha256").update(JSON.stringify(["mail", target.audience, target.recipient, same]));
  return hash.digest("hex").slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Who writes a line alone, or answers an invitation, may have their words in the subject. */
function bodyOf({ subject }: InboundMail, { text, files }: MailContent, { audience }: ReplyTarget): string {
  const words = replyText(text) || subjectText(subject, audience);
  const note = files === 1 ? "(A file came with this by mail.)" : `(${files} files came with this by mail.)`;
  return [words, ...(files > 0 ? [note] : [])].filter((each) => each !== "").join("\n\n");
}

export default { fetch };
