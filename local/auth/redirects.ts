/** Which pages a link of Auth may lead to. Source: supabase/auth, internal/utilities/request.go. */

const CONTROL_OR_SPACE = /[\0-\x20\x7f]/;
const WEB = /^https?:/i;
/** Scheme, host and port as they are written, before a URL parser reads another address out of them. */
const WRITTEN =
  /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?:[^/?#\\]*@)?(?<host>\[[^\]]*\]|[^/?#:@\\]*)(?::(?<port>\d*))?(?=[/?#]|$)/i;
const HOST = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface RedirectRules {
  siteUrl: string;
  /** Patterns: `*` within a part between `.` or `/`, `**` across, `?`, `[…]`, `{a,b}`. */
  redirectUrls: string[];
}

/** The page that a request wants its link to lead to if that is allowed, the site's otherwise. */
export function redirectOf(request: Request, rules: RedirectRules): string {
  const wanted = request.headers.get("redirect_to") || new URL(request.url).searchParams.get("redirect_to");
  if (wanted && isAllowed(wanted, rules)) return wanted;
  const referrer = request.headers.get("referer");
  return referrer && isAllowed(referrer, rules) ? referrer : rules.siteUrl;
}

export function isAllowed(url: string, { siteUrl, redirectUrls }: RedirectRules): boolean {
  if (CONTROL_OR_SPACE.test(url)) return false;
  const page = written(url);
  if (!page && WEB.test(url)) return false;
  if (page) {
    if (isSameSite(page, written(siteUrl))) return true;
    if (/^\d+$/.test(page.host)) return false; // an IP address as one number
    if (LOOPBACK.test(page.host)) return WEB.test(url);
    if (/^[\d.]+$|^\[/.test(page.host)) return false;
    if (WEB.test(url) && !HOST.test(page.host)) return false;
  }
  const [withoutFragment = ""] = url.split("#");
  return redirectUrls.some((pattern) => globPattern(pattern).test(withoutFragment));
}

interface Page {
  scheme: string;
  host: string;
  port: string;
}

function written(url: string): Page | null {
  const { scheme = "", host = "", port = "" } = WRITTEN.exec(url)?.groups ?? {};
  return scheme ? { scheme: scheme.toLowerCase(), host: host.toLowerCase(), port } : null;
}

/** A native app may listen on any port of its own machine (RFC 8252, section 7.3). */
function isSameSite(page: Page, site: Page | null): boolean {
  if (page.scheme !== site?.scheme || page.host !== site.host) return false;
  return page.port === site.port || page.host === "localhost" || LOOPBACK.test(page.host);
}

/** A pattern of gobwas/glob with the separators `.` and `/`. */
function globPattern(pattern: string): RegExp {
  let depth = 0;
  const source = pattern.replace(/\*\*|\[!|[*?{},[\]]|\\.|[\\^$+.()|/-]/g, (token) => {
    if (token === "**") return ".*";
    if (token === "*") return "[^./]*";
    if (token === "?") return "[^./]";
    if (token === "[!") return "[^";
    if (token === "{") return depth++, "(?:";
    if (token === "}" && depth > 0) return depth--, ")";
    if (token === "," && depth > 0) return "|";
    if (token === "[" || token === "]" || token === "-" || token === ",") return token;
    return token.length === 2 ? `\\${token[1]}` : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
