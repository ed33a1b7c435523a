import { createServer } from "node:http";
import { snippets } from "../../docs/support/documents.ts";
import { listen, type Listening } from "../../support/listen.ts";

export interface PageOptions {
  /** Attributes of the script tag. */
  tag: Record<string, string>;
  dir?: "ltr" | "rtl";
  /** The page may not use storage. */
  blocked?: boolean;
}

/** Sent with every page: what docs/embed.md says is enough, and Trusted Types. */
const policyFor = (api: string) =>
  `default-src 'self'; script-src 'self' ${api}; connect-src 'self' ${api} ${api.replace("http", "ws")}; ` +
  "object-src 'none'; base-uri 'none'; require-trusted-types-for 'script'";

/** The page's own script: it keeps what it hears, and every complaint of the browser. */
const SCRIPT = `
globalThis.complaints = [];
globalThis.problems = [];
addEventListener("error", ({ message }) => complaints.push(message));
addEventListener("unhandledrejection", ({ reason }) => complaints.push(String(reason)));
document.addEventListener("securitypolicyviolation", (event) => complaints.push(event.violatedDirective));
addEventListener("pageshow", ({ persisted }) => globalThis.restored = persisted);
globalThis.heddle = globalThis.heddle || ((...command) => {
  (globalThis.heddle.q = globalThis.heddle.q || []).push(command);
});
heddle("on", "error", ({ code }) => problems.push(code));
if (location.search.includes("blocked")) {
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(globalThis, name, { get() { throw new DOMException("Blocked", "SecurityError"); } });
  }
}
`;

/** Where the site serves the service worker that tells visitors of replies. */
export const PUSH_WORKER = "/push/heddle-push.js";

export interface Site extends Pick<Listening, "port" | "url" | "stop"> {
  /** Path and query of a page. */
  page(options: PageOptions): string;
}

/** A site of one page under a strict Content-Security-Policy, which embeds the widget as it is asked to. */
export async function serveSite(apiUrl: string): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://site");
    if (pathname === "/page.js") {
      return response.writeHead(200, { "content-type": "text/javascript" }).end(SCRIPT);
    }
    // As docs/notifications.md has it.
    if (pathname === PUSH_WORKER) {
      return response.writeHead(200, { "content-type": "text/javascript" })
        .end(
          snippets("docs/notifications.md", "js").join("\n").replace("https://<project>.supabase.co", apiUrl),
        );
    }
    const { tag = {}, dir = "ltr" }: Partial<PageOptions> = JSON.parse(searchParams.get("options") ?? "{}");
    const attributes = Object.entries(tag).map(([name, value]) => `data-${name}="${value}"`).join(" ");
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policyFor(apiUrl),
    }).end(
      `<!doctype html><html lang="en" dir="${dir}"><head><title>Shop</title>` +
        `<meta name="viewport" content="width=device-width, initial-scale=1">` +
        `<script src="/page.js"></script></head><body><h1>Shop</h1><button id="before">Cart</button>` +
        (tag.agent
          ? `<script async src="${apiUrl}/storage/v1/object/public/heddle/heddle.js" ${attributes}></script>`
          : "") +
        "</body></html>",
    );
  });
  return {
    ...await listen(server),
    page: ({ blocked, ...options }) =>
      `/?options=${encodeURIComponent(JSON.stringify(options))}${blocked ? "&blocked" : ""}`,
  };
}
