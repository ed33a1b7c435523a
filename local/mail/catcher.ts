/** Catches the mails of the local stack, where the Supabase CLI's Mailpit would: received over SMTP, shown on a page and as JSON. */
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { answerApi } from "./api.ts";
import { Mailbox } from "./mailbox.ts";
import { listPage, mailPage } from "./page.ts";

const HOST = "127.0.0.1";
const MAX_MAIL_BYTES = 10 * 1024 * 1024;
const LOCAL_NAME = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/;
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/** A mail's own HTML, in the frame of its page: no script, nothing loaded from elsewhere; its links open beside it. */
const MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; " +
  "sandbox allow-popups allow-popups-to-escape-sandbox";

export interface MailCatcher {
  /** Page and JSON API. */
  url: string;
  smtpPort: number;
  stop(): Promise<void>;
}

/** @param options `port` of the page; 0 picks a free one */
export async function startMailCatcher({ port }: { port: number }): Promise<MailCatcher> {
  const mailbox = new Mailbox();
  const { smtp, smtpPort } = await startSmtp(mailbox);
  const server = Deno.serve(
    { hostname: HOST, port, onListen: () => undefined },
    (request) => answer(mailbox, request),
  );
  return {
    url: `http://${HOST}:${server.addr.port}`,
    smtpPort,
    async stop() {
      await server.shutdown();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
    },
  };
}

/** A server that takes every mail and passes none on. */
async function startSmtp(mailbox: Mailbox): Promise<{ smtp: SMTPServer; smtpPort: number }> {
  const smtp = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    size: MAX_MAIL_BYTES,
    onData(stream: Readable, { envelope }, done) {
      const from = envelope.mailFrom ? envelope.mailFrom.address : "";
      const to = envelope.rcptTo.map(({ address }) => address);
      buffer(stream).then((raw) => mailbox.keep(raw, { from, to })).then(() => done(), done);
    },
  });
  await new Promise<void>((resolve, reject) => {
    smtp.on("error", reject);
    smtp.listen(0, HOST, () => resolve());
  });
  const address = smtp.server.address();
  return { smtp, smtpPort: address && typeof address === "object" ? address.port : 0 };
}

async function answer(mailbox: Mailbox, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  // A page of elsewhere whose name resolves to this machine must not read links that sign in.
  if (!LOCAL_NAME.test(request.headers.get("host") ?? "")) return new Response("not found", { status: 404 });
  if (pathname.startsWith("/api/v1/")) {
    return await answerApi(mailbox, request, pathname.slice("/api/v1".length)) ?? notFound();
  }
  if (pathname === "/") return page(listPage(mailbox), PAGE_POLICY);
  const [, id = "", kind] = /^\/view\/([\w-]+)(\.html|\.txt)?$/.exec(pathname) ?? [];
  const mail = id ? mailbox.find(id) : undefined;
  if (!mail) return notFound();
  mail.read = true;
  if (kind === ".txt") return page(mail.text, PAGE_POLICY, "text/plain");
  return kind === ".html"
    ? page(`<base target="_blank">${mail.html}`, MAIL_POLICY)
    : page(mailPage(mail), PAGE_POLICY);
}

function page(text: string, policy: string, type = "text/html"): Response {
  return new Response(text, {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    },
  });
}

function notFound(): Response {
  return Response.json({ Error: "not found" }, { status: 404 });
}
