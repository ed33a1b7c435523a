/** A part of a mail that is not its text. */
export interface MailPart {
  /** Such as `image/png`; parameters may follow. */
  type: string;
  disposition?: string | null;
  contentId?: string | null;
  /** Stands beside its text in multipart/related, under an id of its own (RFC 2387). */
  isRelated?: boolean;
  /** Of a calendar's part (RFC 5546, 1.4), in upper case. */
  method?: string | null;
}

/** How many files somebody has sent: pictures within the text, and what mail programs add by themselves, are none. */
export function countFiles(parts: MailPart[], html: string): number {
  const shown = new Set(
    Array.from(html.matchAll(/\bcid:([^\s"'<>()]{1,200})/gi), ([, id = ""]) => id.toLowerCase()),
  );
  const isWithin = ({ type, disposition, contentId }: MailPart) => {
    const id = contentId?.trim().replace(/^<|>$/g, "").toLowerCase();
    if (!id || !/^image\//i.test(type)) return false;
    // A text without HTML shows none of them at its place.
    return shown.has(id) || shown.has(encodeURIComponent(id)) || (html === "" && disposition === "inline");
  };
  // The reply may be there twice: beside the text, and as a file.
  const isReply = parts.some(isCalendarReply) ? isCalendar : () => false;
  return parts.filter((part) =>
    !part.isRelated && !isSignature(part) && !isReaction(part) && !isReply(part) && !isWithin(part)
  ).length;
}

/**
 * The sign with which somebody has reacted to a mail in Gmail; the mail's text repeats it.
 * Source: https://developers.google.com/workspace/gmail/reactions/format
 */
export function isReaction({ type }: MailPart): boolean {
  return /^text\/vnd\.google\.email-reaction\+json\b/i.test(type);
}

/** What vouches for a mail is no file that somebody sent (RFC 8551, RFC 3156). */
function isSignature({ type }: MailPart): boolean {
  return /^application\/(?:(?:x-)?pkcs7-signature|pgp-signature)\b/i.test(type);
}

function isCalendar({ type }: MailPart): boolean {
  return /^(?:text\/calendar|application\/ics)\b/i.test(type);
}

/** Who comes or does not come: the mail's text or subject says it as well. */
function isCalendarReply(part: MailPart): boolean {
  return isCalendar(part) && (part.method === "REPLY" || /;\s*method="?reply\b/i.test(part.type));
}
