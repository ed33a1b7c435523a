import { type AuthenticationResult, readAuthenticationResults } from "./authentication_results.ts";
import type { InboundMail } from "./inbound_mail.ts";

/**
 * Why it may not be from whom it says; `null` where nothing speaks against it. The topmost header of the receiving servers'
 * that says something of its sender vouches for them (RFC 8601, 5: those below may have come with the mail), each of them
 * against.
 */
export function doubtOf({ from, headers }: Pick<InboundMail, "from" | "headers">): string | null {
  const [author, ...others] = from;
  if (author === undefined || others.length > 0) return "It does not name one sender.";
  const fields = headers.filter(({ name }) => name === "authentication-results")
    .map(({ value }) => readAuthenticationResults(value));
  if (fields.some((results) => results?.some(isDmarc("fail")))) {
    return "Its sender's domain says that it is not theirs (DMARC).";
  }
  if (fields.includes(null)) return "What its receiving server says of its sender can't be read.";
  const verdict = fields.find((results) =>
    results?.some(({ method }) => /^(?:dmarc|dkim|spf)$/.test(method))
  );
  return !verdict || vouches(verdict, domainOf(author))
    ? null
    : "Its sender's domain does not vouch for it (DKIM, SPF).";
}

/**
 * Whether the receiving server has found by DMARC that the sender's domain has sent it, which says more than that nothing speaks
 * against it: the domain's own server knows whose mailbox is whose.
 */
export function isVouchedFor({ from, headers }: Pick<InboundMail, "from" | "headers">): boolean {
  const [topmost] = headers.filter(({ name }) => name === "authentication-results")
    .map(({ value }) => readAuthenticationResults(value))
    .filter((results) => results === null || results.some(({ method }) => method === "dmarc"));
  const domain = domainOf(from[0] ?? "");
  return topmost?.some(({ method, result, properties }) =>
    method === "dmarc" && result === "pass" &&
    isAligned(domainOf(properties.get("header.from") ?? domain), domain)
  ) ?? false;
}

const isDmarc = (wanted: string) => ({ method, result }: AuthenticationResult) =>
  method === "dmarc" && result === wanted;

/** Whether somebody of this domain has sent it: what vouches for another one's says nothing of it. */
function vouches(results: AuthenticationResult[], domain: string): boolean {
  return results.some(({ method, result, properties }) => {
    if (result !== "pass") return false;
    const own = (name: string) => isAligned(domainOf(properties.get(name) ?? ""), domain);
    if (method === "dmarc") return !properties.has("header.from") || own("header.from");
    if (method === "dkim") return own(properties.has("header.d") ? "header.d" : "header.i");
    return method === "spf" && own("smtp.mailfrom");
  });
}

/** The same domain, or one above the other (RFC 7489, 3.1: "relaxed"). */
function isAligned(one: string, other: string): boolean {
  const isAbove = (above: string, below: string) => above.includes(".") && below.endsWith(`.${above}`);
  return one !== "" && (one === other || isAbove(one, other) || isAbove(other, one));
}

/** Of an address or a domain, as the DNS has it. */
function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf("@") + 1).replace(/\.$/, "");
  const url = `https://${domain}`;
  return /[^ -~]/.test(domain) && URL.canParse(url) ? new URL(url).hostname : domain;
}
