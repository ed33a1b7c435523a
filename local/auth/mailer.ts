import { createTransport } from "nodemailer";
import type { MailKind, OneTimeToken } from "./one_time_tokens.ts";

/** As the CLI's Auth sends them. */
const SENDER = { name: "Admin", address: "admin@email.com" };

const TEMPLATES: Record<MailKind, { subject: string; title: string; text: string; action: string }> = {
  signup: {
    subject: "Confirm Your Signup",
    title: "Confirm your signup",
    text: "Follow this link to confirm your user:",
    action: "Confirm your email address",
  },
  invite: {
    subject: "You have been invited",
    title: "You have been invited",
    text: "You have been invited to create a user. Follow this link to accept the invite:",
    action: "Accept the invite",
  },
  magiclink: {
    subject: "Your Magic Link",
    title: "Magic Link",
    text: "Follow this link to login:",
    action: "Log In",
  },
  recovery: {
    subject: "Reset Your Password",
    title: "Reset password",
    text: "Follow this link to reset the password for your user:",
    action: "Reset password",
  },
};

export interface Mail {
  to: string;
  kind: MailKind;
  token: OneTimeToken;
  /** Where the link leads in the end. */
  redirectTo: string;
}

export interface Mailer {
  /** Resolves once the mail was accepted. */
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** Sends Auth's mails to an SMTP server of this machine; their links lead to `authUrl`. */
export function createMailer({ smtpPort, authUrl }: { smtpPort: number; authUrl: string }): Mailer {
  const transport = createTransport({ host: "127.0.0.1", port: smtpPort, secure: false, ignoreTLS: true });

  return {
    async send({ to, kind, token, redirectTo }) {
      const { subject, title, text, action } = TEMPLATES[kind];
      const query = new URLSearchParams({ token: token.hash, type: kind, redirect_to: redirectTo });
      const link = `${authUrl}/verify?${query}`;
      await transport.sendMail({
        from: SENDER,
        // As an address alone: a string would be parsed, and could name others.
        to: { name: "", address: to },
        subject,
        text: `${title}\n\n${text}\n${link}\n\nAlternatively, enter the code: ${token.code}\n`,
        html: `<h2>${title}</h2>\n<p>${text}</p>\n<p><a href="${escaped(link)}">${action}</a></p>\n` +
          `<p>Alternatively, enter the code: ${token.code}</p>\n`,
      });
    },
    close: () => transport.close(),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
