import { randomBytes } from "node:crypto";
import PostalMime, { type Address } from "postal-mime";

const MAX_MESSAGES = 500;
const SNIPPET_CHARACTERS = 250;

/** As Mailpit names it. */
export interface MailAddress {
  Name: string;
  Address: string;
}

export interface CaughtMail {
  id: string;
  raw: Uint8Array;
  messageId: string;
  from: MailAddress;
  to: MailAddress[];
  cc: MailAddress[];
  /** Whom the envelope named, and the mail does not. */
  bcc: MailAddress[];
  replyTo: MailAddress[];
  returnPath: string;
  subject: string;
  received: Date;
  text: string;
  html: string;
  attachments: number;
  read: boolean;
}

/** The mails that were caught, the newest first; the oldest go once there are 500. */
export class Mailbox {
  #mails: CaughtMail[] = [];

  get mails(): readonly CaughtMail[] {
    return this.#mails;
  }

  /** Takes a mail as SMTP brought it. */
  async keep(raw: Uint8Array, envelope: { from: string; to: string[] }): Promise<void> {
    const mail = await PostalMime.parse(raw);
    const [to, cc] = [mail.to, mail.cc].map(addresses);
    const shown = [...to ?? [], ...cc ?? []].map(({ Address }) => Address.toLowerCase());
    this.#mails.unshift({
      id: randomBytes(16).toString("base64url"),
      raw,
      messageId: (mail.messageId ?? "").replace(/^<|>$/g, ""),
      from: addresses(mail.from && [mail.from])[0] ?? { Name: "", Address: envelope.from },
      to: to ?? [],
      cc: cc ?? [],
      bcc: envelope.to.filter((address) => !shown.includes(address.toLowerCase()))
        .map((address) => ({ Name: "", Address: address })),
      replyTo: addresses(mail.replyTo),
      returnPath: envelope.from,
      subject: mail.subject ?? "",
      received: new Date(),
      text: mail.text ?? "",
      html: mail.html ?? "",
      attachments: mail.attachments.length,
      read: false,
    });
    this.#mails.splice(MAX_MESSAGES);
  }

  /** One by its id, or the `latest`. */
  find(id: string): CaughtMail | undefined {
    return id === "latest" ? this.#mails[0] : this.#mails.find((mail) => mail.id === id);
  }

  /** Those named, or all. */
  remove(ids: string[]): void {
    this.#mails = ids.length === 0 ? [] : this.#mails.filter(({ id }) => !ids.includes(id));
  }
}

/** The beginning of a mail, in one line. */
export function snippet({ text, html }: CaughtMail): string {
  const words = text || html.replace(/<[^>]*>/g, " ");
  return words.replace(/\s+/g, " ").trim().slice(0, SNIPPET_CHARACTERS);
}

function addresses(list: Address[] | undefined): MailAddress[] {
  return (list ?? []).flatMap((entry) => entry.group ?? [entry])
    .map(({ name, address }) => ({ Name: name, Address: address ?? "" }));
}
