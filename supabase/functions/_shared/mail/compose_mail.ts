import { isAllowedOrigin } from "../auth/origin.ts";
import type { LanguageCode } from "../../../../shared/languages.ts";
import type { Mail } from "./send_mail.ts";
import { type VisitorWords, visitorWords } from "./visitor_words.ts";

/** What a mail is to say, as the database found it at the moment it is sent. */
export interface MailContent {
  to: { name: string; address: string };
  /** `visitor`: what the team answered. `team`: what a member is told of. */
  audience: "visitor" | "team";
  agentId: string;
  /** The agent's name. */
  site: string;
  /** The agent's allowed origins. */
  origins: string[];
  /** `null` where it is about none. */
  conversationId: string | null;
  /** What happened, a sentence each, the newest last. Empty for a visitor. */
  notices: string[];
  /** The newest messages that were not read, the oldest first. */
  messages: { author: string; body: string }[];
  /** How many were not read; where it is about several conversations, how many those are. */
  count: number;
  /** Where it is about several: the first of them, and what happened there. */
  conversations: { conversationId: string | null; notice: string }[];
  /** Of a visitor; the team's are in English. */
  language?: LanguageCode;
  /** Of a visitor: whether they had written there before the team did. */
  answers?: boolean;
  /** Of a visitor: who gave the address that they wrote with; or they have written nothing there. */
  addressFrom?: "visitor" | "site" | "nothing written";
  /** Where a visitor wrote from, as their browser said: nobody may have the site's mail lead to a page of their own. */
  pageUrl: string | null;
}

export interface MailLinks {
  /** Where the operators' app is, if that is known. */
  inboxUrl: string | null;
  /** One request of a POST ends these mails; one of a GET says how. */
  unsubscribeUrl: string;
  /** Where an answer becomes a message of the conversation; `null`: nowhere. */
  replyTo: string | null;
}

const MAX_SUBJECT = 120;
/** Of a subject: what stands behind the name is how an answer's is known as ours (`subjectText`). */
const MAX_SITE = 100;
const MAX_BODY = 2000;
/** Letters behind one of these read in another order than they stand in (UAX 9). */
const OVERRIDES = /[\u202a-\u202e]/g;

/** Writes the mail, as text and as simple HTML. `deliveryId` and the sender's address make its ids. */
export function composeMail(
  content: MailContent,
  links: MailLinks,
  { deliveryId, fromAddress }: { deliveryId: string; fromAddress: string },
): Mail {
  const { to, conversationId } = content;
  const site = oneLine(content.site);
  const domain = fromAddress.slice(fromAddress.lastIndexOf("@") + 1);
  const words = visitorWords[content.language ?? "en"];
  const intro = introOf(content, site, words);
  const open = linkOf(content, links, words);
  const messages = content.messages.map(({ author, body }) => ({
    author: oneLine(author) || site,
    body: body === "" ? words.file : cut(body.replace(/\r\n?/g, "\n").replace(OVERRIDES, ""), MAX_BODY),
  }));
  const { named, more } = listOf(content, links);
  const why = reasonOf(content, site, words);
  const replyLine = links.replyTo === null ? [] : [`-- ${words.replyLine} --`];
  return {
    fromName: forHeader(site),
    ...(links.replyTo === null ? {} : { replyTo: links.replyTo }),
    to: { name: forHeader(oneLine(to.name)), address: to.address },
    subject: forHeader(cut(subjectOf(content, cut(site, MAX_SITE), words).replace(/\.$/, ""), MAX_SUBJECT)),
    text: [
      ...replyLine,
      [intro, ...content.notices.slice(0, -1).map(oneLine)].join("\n"),
      ...messages.map(({ author, body }) => `${author}${words.colon}\n${body}`),
      ...named.map(({ notice, url }) => url ? `${notice}\n${url}` : notice),
      ...more,
      ...(open ? [`${open.label}${words.colon} ${open.url}`] : []),
      `-- \n${why}\n${words.endLine}${words.colon} ${links.unsubscribeUrl}`,
    ].join("\n\n") + "\n",
    html: [
      ...replyLine.map((line) => `<p><small>${line}</small></p>`),
      `<p>${[intro, ...content.notices.slice(0, -1).map(oneLine)].map(escaped).join("<br>")}</p>`,
      ...messages.map(({ author, body }) =>
        `<p><b>${escaped(author)}</b></p>\n<blockquote dir="auto" style="white-space:pre-wrap">${
          escaped(body)
        }</blockquote>`
      ),
      ...named.map(({ notice, url }) =>
        url ? `<p><a href="${escaped(url)}">${escaped(notice)}</a></p>` : `<p>${escaped(notice)}</p>`
      ),
      ...more.map((line) => `<p>${line}</p>`),
      ...(open ? [`<p><a href="${escaped(open.url)}">${escaped(open.label)}</a></p>`] : []),
      `<p><small>${escaped(why)} <a href="${escaped(links.unsubscribeUrl)}">${words.endLine}</a></small></p>`,
    ].join("\n"),
    messageId: `${deliveryId}.${conversationId ?? "notice"}@${domain}`,
    references: `${
      conversationId ? `conversation.${conversationId}` : `notices.${content.agentId}`
    }@${domain}`,
    headers: {
      "List-Unsubscribe": `<${links.unsubscribeUrl}>`,
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      "Auto-Submitted": "auto-generated",
    },
  };
}

/** The conversations of a mail about several, as far as it names them, and how many more there are. */
function listOf({ agentId, conversations, count }: MailContent, { inboxUrl }: MailLinks) {
  const named = conversations.map(({ conversationId, notice }) => ({
    notice: oneLine(notice),
    url: inboxUrl === null || conversationId === null
      ? null
      : conversationUrl(inboxUrl, { agentId, conversationId }),
  }));
  const left = conversations.length > 0 ? count - conversations.length : 0;
  return { named, more: left > 0 ? [`And ${left} more.`] : [] };
}

/** Of a visitor's conversation always the same one: some mail programs take another for another thread. */
function subjectOf({ audience, notices, answers }: MailContent, site: string, words: VisitorWords): string {
  if (audience === "team") return oneLine(notices.at(-1) ?? "");
  return `${site} ${answers ? words.answered : words.written}.`;
}

function introOf(content: MailContent, site: string, words: VisitorWords): string {
  const { audience, count } = content;
  const subject = subjectOf(content, site, words);
  if (audience === "team" || count === 1) return subject;
  return subject.replace(/\.$/, `${words.colon} ${words.newMessages(count)}.`);
}

function reasonOf(
  { audience, addressFrom = "nothing written" }: MailContent,
  site: string,
  words: VisitorWords,
) {
  return audience === "team"
    ? `You get this because you answer for ${site}.`
    : words.reasons[addressFrom](site);
}

function linkOf(
  content: MailContent,
  { inboxUrl }: MailLinks,
  words: VisitorWords,
): { label: string; url: string } | null {
  const { audience, agentId, conversationId, pageUrl, origins } = content;
  if (audience === "team") {
    if (inboxUrl === null) return null;
    if (conversationId === null) return { label: "Open the inbox", url: inboxUrl };
    return { label: "Open the conversation", url: conversationUrl(inboxUrl, { agentId, conversationId }) };
  }
  const page = pageUrl !== null && URL.canParse(pageUrl) ? new URL(pageUrl) : null;
  // A query or fragment of the visitor's choice may lead on from there.
  if (page && isAllowedOrigin(page.origin, origins)) {
    return { label: words.answerOnSite, url: page.origin + page.pathname };
  }
  const site = origins.find((origin) => !origin.includes("*") && URL.canParse(origin));
  return site === undefined ? null : { label: words.openSite, url: new URL(site).origin };
}

/** A conversation in the operators' app. */
export function conversationUrl(
  inboxUrl: string,
  { agentId, conversationId }: { agentId: string; conversationId: string },
): string {
  return `${inboxUrl.replace(/[?#].*$/, "")}#/${agentId}/open/${conversationId}`;
}

/** No line break or other control character, so that a name stays within its header. */
function oneLine(text: string): string {
  return text.toWellFormed().replace(OVERRIDES, "").replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/**
 * A line that holds no encoded-word (RFC 2047, 2): programs that write headers take one as encoded already, and programs that
 * read them decode it to whatever its author could not write otherwise. The sign between is not seen, and has the line encoded.
 */
function forHeader(line: string): string {
  return line.replaceAll("=?", "=\u200b?");
}

function cut(text: string, most: number): string {
  const characters = [...text.toWellFormed()];
  return characters.length <= most ? characters.join("") : `${characters.slice(0, most - 1).join("")}…`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
