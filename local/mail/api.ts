/** Mailpit's JSON API, as far as tests read mails with it. Source: https://mailpit.axllent.org/docs/api-v1/ */
import { type CaughtMail, Mailbox, snippet } from "./mailbox.ts";

const PAGE_SIZE = 50;
const TERM = /(?:(?<field>\w+):)?(?:"(?<quoted>[^"]*)"|(?<word>\S+))/g;

/** Answers a request below `/api/v1`; `null` for a path that is not served. */
export async function answerApi(mailbox: Mailbox, request: Request, path: string): Promise<Response | null> {
  const { searchParams: query } = new URL(request.url);
  const { method } = request;
  if (path === "/messages" && method === "GET") {
    return Response.json(page(mailbox, mailbox.mails, query));
  }
  if (path === "/messages" && method === "DELETE") {
    mailbox.remove(await namedIds(request));
    return new Response("ok");
  }
  if (path === "/search" && method === "GET") {
    return Response.json(page(mailbox, search(mailbox.mails, query.get("query") ?? ""), query));
  }
  const [, id = "", part] = /^\/message\/([\w-]+)(\/raw|\/headers)?$/.exec(path) ?? [];
  const mail = method === "GET" && id ? mailbox.find(id) : undefined;
  if (!mail) return null;
  if (part === "/raw") return new Response(mail.raw.slice(), { headers: { "content-type": "text/plain" } });
  if (part === "/headers") return Response.json(await headersOf(mail));
  mail.read = true;
  return Response.json(details(mail));
}

/** Those that hold every term: `to:`, `from:`, `subject:`, or a word anywhere. */
export function search(mails: readonly CaughtMail[], query: string): CaughtMail[] {
  const terms = [...query.matchAll(TERM)].map(({ groups }) => ({
    field: groups?.field?.toLowerCase() ?? "",
    text: (groups?.quoted ?? groups?.word ?? "").toLowerCase(),
  }));
  return mails.filter((mail) => terms.every(({ field, text }) => searched(mail, field).includes(text)));
}

function searched(mail: CaughtMail, field: string): string {
  const written = (list: { Name: string; Address: string }[]) =>
    list.map(({ Name, Address }) => `${Name} ${Address}`).join(" ");
  const fields: Record<string, string> = {
    to: written(mail.to),
    from: written([mail.from]),
    subject: mail.subject,
  };
  const text = Object.hasOwn(fields, field)
    ? fields[field] ?? ""
    : [...Object.values(fields), mail.text].join(" ");
  return text.toLowerCase();
}

function page(mailbox: Mailbox, found: readonly CaughtMail[], query: URLSearchParams) {
  const start = count(query.get("start"), 0);
  const messages = found.slice(start, start + count(query.get("limit"), PAGE_SIZE));
  return {
    total: mailbox.mails.length,
    unread: mailbox.mails.filter(({ read }) => !read).length,
    count: messages.length,
    messages_count: found.length,
    messages_unread: found.filter(({ read }) => !read).length,
    start,
    tags: [],
    messages: messages.map((mail) => ({
      ...head(mail),
      Read: mail.read,
      Created: mail.received,
      Attachments: mail.attachments,
      Snippet: snippet(mail),
    })),
  };
}

function details(mail: CaughtMail) {
  return {
    ...head(mail),
    ReturnPath: mail.returnPath,
    Date: mail.received,
    Text: mail.text,
    HTML: mail.html,
    Inline: [],
    Attachments: [],
  };
}

function head(mail: CaughtMail) {
  return {
    ID: mail.id,
    MessageID: mail.messageId,
    From: mail.from,
    To: mail.to,
    Cc: mail.cc,
    Bcc: mail.bcc,
    ReplyTo: mail.replyTo,
    Subject: mail.subject,
    Tags: [],
    Size: mail.raw.length,
  };
}

async function headersOf({ raw }: CaughtMail): Promise<Record<string, string[]>> {
  const { default: PostalMime } = await import("postal-mime");
  const headers: Record<string, string[]> = {};
  for (const { originalKey, value } of (await PostalMime.parse(raw)).headers) {
    (headers[originalKey] ??= []).push(value);
  }
  return headers;
}

/** None stands for all. */
async function namedIds(request: Request): Promise<string[]> {
  const text = await request.text();
  const body: unknown = text ? JSON.parse(text) : {};
  const ids = typeof body === "object" && body !== null && "IDs" in body ? body.IDs : [];
  return Array.isArray(ids) ? ids.map(String) : [];
}

function count(text: string | null, fallback: number): number {
  return text && /^\d{1,6}$/.test(text) ? Number(text) : fallback;
}
