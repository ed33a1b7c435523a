import * as z from "zod";
import { LANGUAGES } from "../../../../shared/languages.ts";
import { derivedKey } from "../auth/session.ts";
import type { Delivery, DeliveryOutcome } from "../database/deliveries.ts";
import { environment } from "../environment.ts";
import { describeError } from "../http/endpoint.ts";
import { composeMail } from "../mail/compose_mail.ts";
import { inboundDomain } from "../mail/inbound_settings.ts";
import { type MailSettings, readMailSettings } from "../mail/mail_settings.ts";
import { replyAddress, replyRecipient } from "../mail/reply_address.ts";
import { createSendMail, MailError, type SendMail } from "../mail/send_mail.ts";
import { unsubscribeToken } from "../mail/unsubscribe_token.ts";

const receiverSchema = z.object({
  to: z.object({ name: z.string(), address: z.string() }),
  audience: z.enum(["visitor", "team"]),
  agentId: z.string(),
  site: z.string(),
  origins: z.array(z.string()),
  conversationId: z.string().nullable(),
  notices: z.array(z.string()),
  messages: z.array(z.object({ author: z.string(), body: z.string() })),
  count: z.number(),
  conversations: z.array(z.object({ conversationId: z.string().nullable(), notice: z.string() })),
  language: z.enum(LANGUAGES).optional(),
  answers: z.boolean().optional(),
  addressFrom: z.enum(["visitor", "site", "nothing written"]).optional(),
  pageUrl: z.string().nullable(),
});

export interface MailDependencies {
  settings: MailSettings | null;
  send: SendMail;
  /** Where browsers and mail programs reach the functions. */
  publicUrl: string;
  inboxUrl: string | null;
  unsubscribeKey: Uint8Array;
  /** Where answers come in; `null`: nowhere, they go to the sender's mailbox. */
  inbound: { domain: string; key: Uint8Array } | null;
}

/** Of a visitor a delivery says the number, of a member it is to them. */
const visitorSchema = z.object({ visitorId: z.number() });

/** Says in a mail what its reader has not seen by now, and how to get no more of them. */
export function createSendEmail(dependencies: () => MailDependencies) {
  return async ({ id, target, content: queued, receiver }: Delivery): Promise<DeliveryOutcome> => {
    if (receiver === null) {
      return {
        outcome: "suppressed",
        error: "It was seen, is not wanted any more, or the address had too many.",
      };
    }
    const { settings, send, publicUrl, inboxUrl, unsubscribeKey, inbound } = dependencies();
    if (settings === null) return { outcome: "suppressed", error: "Mail is not set up." };
    const content = receiverSchema.parse(receiver);
    const { agentId, audience, conversationId, language, to: { address } } = content;
    const token = unsubscribeToken({ agentId, audience, address }, unsubscribeKey);
    const unsubscribeUrl = `${publicUrl}/functions/v1/mail-unsubscribe?token=${token}${
      language === undefined || language === "en" ? "" : `&language=${language}`
    }`;
    const recipient = replyRecipient(
      audience,
      audience === "team" ? target : String(visitorSchema.parse(queued).visitorId),
    );
    const replyTo = inbound && conversationId !== null
      ? replyAddress({ conversationId, audience, recipient }, inbound.key, inbound.domain)
      : null;
    const ids = { deliveryId: String(id), fromAddress: settings.from.address };
    try {
      await send(composeMail(content, { inboxUrl, unsubscribeUrl, replyTo }, ids));
      return { outcome: "sent" };
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      const { permanent, message, retryAfter } = error;
      return { outcome: permanent ? "dead" : "failed", error: message, retryAfter };
    }
  };
}

let known: MailDependencies | undefined;

/** As in production, with the functions' own settings. */
export const sendEmail = createSendEmail(() => {
  const { publicUrl, sessionSecret } = environment();
  const get = (name: string) => Deno.env.get(name);
  const settings = readMailSettings(get);
  const domain = inboundDomain(get, (error) => {
    console.error(JSON.stringify({ task: "deliver", error: describeError(error) }));
  });
  return known ??= {
    settings,
    send: settings ? createSendMail(settings, { fetch }) : () => Promise.resolve(),
    publicUrl,
    inboxUrl: get("HEDDLE_INBOX_URL") || null,
    unsubscribeKey: derivedKey(sessionSecret, "unsubscribe"),
    inbound: domain === null ? null : { domain, key: derivedKey(sessionSecret, "reply") },
  };
});
