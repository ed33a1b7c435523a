import { createTransport } from "nodemailer";
import { leaveBody } from "../http/in_time.ts";
import { secondsToWait } from "../http/retry_after.ts";
import type { MailSettings } from "./mail_settings.ts";

const TIMEOUT_MS = 10_000;

export interface Mail {
  /** Shown with the address of the settings. */
  fromName: string;
  to: { name: string; address: string };
  /** Where an answer goes, if not to the sender. */
  replyTo?: string;
  subject: string;
  text: string;
  html: string;
  /** Without its brackets; the same at every try, so that who gets it twice shows it once. */
  messageId: string;
  /** Those it belongs to, without brackets. */
  references: string;
  headers: Record<string, string>;
}

/** Why a mail was not taken; `permanent`: it will not be another time either. `retryAfter` in seconds. */
export class MailError extends Error {
  override readonly name = "MailError";
  readonly permanent: boolean;
  readonly retryAfter: number | null;

  constructor(message: string, { permanent, retryAfter = null, cause }: {
    permanent: boolean;
    retryAfter?: number | null;
    cause?: unknown;
  }) {
    super(message, { cause });
    this.permanent = permanent;
    this.retryAfter = retryAfter;
  }
}

/** Resolves once the server took the mail. Rejects with `MailError`. */
export type SendMail = (mail: Mail) => Promise<void>;

export function createSendMail(
  settings: MailSettings,
  { fetch }: { fetch: typeof globalThis.fetch },
): SendMail {
  const { from, route } = settings;
  return route.kind === "smtp" ? bySmtp(from, route.url) : byApi(from, route, fetch);
}

function bySmtp({ name, address }: MailSettings["from"], url: URL): SendMail {
  const secure = url.protocol === "smtps:" || url.port === "465";
  const user = decodeURIComponent(url.username);
  const transport = createTransport({
    host: url.hostname,
    port: Number(url.port) || (secure ? 465 : 25),
    secure,
    // A password goes over an encrypted connection or not at all.
    ...(user ? { auth: { user, pass: decodeURIComponent(url.password) }, requireTLS: !secure } : {}),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async ({ fromName, to, messageId, references, ...mail }) => {
    try {
      await transport.sendMail({
        ...mail,
        from: { name: fromName || name, address },
        // As an address alone: a string would be parsed, and could name others.
        to,
        messageId: `<${messageId}>`,
        inReplyTo: `<${references}>`,
        references: `<${references}>`,
      });
    } catch (cause) {
      throw smtpError(cause);
    }
  };
}

/** What the server says of the mail counts; that it does not know us an owner can mend. */
function smtpError(cause: unknown): MailError {
  const { responseCode, code } = Object(cause) as { responseCode?: number; code?: string };
  const permanent = responseCode !== undefined && responseCode >= 500 && code !== "EAUTH";
  const answer = responseCode === undefined ? "did not answer" : `answered ${responseCode}`;
  return new MailError(`The mail server ${answer}${code ? ` (${code})` : ""}.`, { permanent, cause });
}

/** An HTTP API of Resend's shape. Source: https://resend.com/docs/api-reference/emails/send-email */
function byApi(
  { name, address }: MailSettings["from"],
  { url, key }: { url: URL; key: string },
  fetch: typeof globalThis.fetch,
): SendMail {
  return async ({ fromName, to, replyTo, subject, text, html, messageId, references, headers }) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${key}`,
        "content-type": "application/json",
        "idempotency-key": messageId,
      },
      body: JSON.stringify({
        from: written({ name: fromName || name, address }),
        to: [written(to)],
        ...(replyTo === undefined ? {} : { reply_to: replyTo }),
        subject,
        text,
        html,
        headers: {
          "Message-ID": `<${messageId}>`,
          "In-Reply-To": `<${references}>`,
          "References": `<${references}>`,
          ...headers,
        },
      }),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new MailError("The mail API did not answer.", { permanent: false, cause });
    });
    leaveBody(response);
    if (response.ok) return;
    const { status } = response;
    throw new MailError(`The mail API answered ${status}.`, {
      permanent: [400, 404, 413, 422].includes(status),
      retryAfter: secondsToWait(response.headers.get("retry-after"), Date.now()),
    });
  };
}

function written({ name, address }: { name: string; address: string }): string {
  return name === "" ? address : `"${name.replace(/["\\]/g, "\\$&")}" <${address}>`;
}
