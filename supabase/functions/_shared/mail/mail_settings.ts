/** How mails leave, from the functions' secrets. */
export interface MailSettings {
  from: { name: string; address: string };
  route: { kind: "smtp"; url: URL } | { kind: "api"; url: URL; key: string };
}

type Get = (name: string) => string | undefined;

const STANDARD_API = "https://api.resend.com/emails";
/** `Name <address>` or an address alone. */
const SENDER =
  /^(?:(?<name>[^<>"\p{Cc}]*?)\s*<(?<inner>[^<>\s@]+@[^<>\s@]+)>|(?<plain>[^<>\s@]+@[^<>\s@]+))$/u;

/**
 * Where mails are sent: `HEDDLE_SMTP_URL`, or `HEDDLE_MAIL_API_KEY` and, unless it is Resend's own, `HEDDLE_MAIL_API_URL`; both
 * with `HEDDLE_MAIL_FROM`. `null` if nothing is set. Throws, naming the variable but never its value, if one is broken.
 */
export function readMailSettings(get: Get): MailSettings | null {
  const smtp = get("HEDDLE_SMTP_URL");
  const api = smtp ? null : readMailApi(get);
  if (!smtp && !api) return null;
  const from = senderOf(get("HEDDLE_MAIL_FROM") ?? "");
  if (smtp) {
    return { from, route: { kind: "smtp", url: urlOf("HEDDLE_SMTP_URL", smtp, ["smtp:", "smtps:"]) } };
  }
  return api && { from, route: { kind: "api", ...api } };
}

/** The API of `HEDDLE_MAIL_API_KEY` and `HEDDLE_MAIL_API_URL`; `null` without a key. Throws if the URL is none. */
export function readMailApi(get: Get): { url: URL; key: string } | null {
  const key = get("HEDDLE_MAIL_API_KEY");
  if (!key) return null;
  const url = urlOf("HEDDLE_MAIL_API_URL", get("HEDDLE_MAIL_API_URL") || STANDARD_API, ["https:", "http:"]);
  return { url, key };
}

function senderOf(text: string): MailSettings["from"] {
  const { name = "", inner, plain } = SENDER.exec(text.trim())?.groups ?? {};
  const address = inner ?? plain;
  if (!address) {
    throw new Error(
      'HEDDLE_MAIL_FROM must be an address, or a name and an address: "Shop <chat@shop.example>"',
    );
  }
  return { name: name.trim(), address };
}

function urlOf(name: string, text: string, protocols: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !protocols.includes(url.protocol) || url.hostname === "") {
    throw new Error(
      `${name} must be a URL that begins with ${protocols.map((each) => `${each}//`).join(" or ")}`,
    );
  }
  return url;
}
