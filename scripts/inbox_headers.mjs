/**
 * What a browser is told with the operators' app: it loads nothing but its own files, talks to `sources` alone, and no other page
 * may draw it in a frame, where an operator would click what they do not see.
 * @param {{ connect: string, images: string }} sources for the Content-Security-Policy, beside the app's own origin
 * @returns {Record<string, string>} header names to values
 */
export function inboxHeaders({ connect, images }) {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: ${images}`,
    `connect-src 'self' ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
  };
}

/**
 * For the project at `url`.
 * @param {string} url
 */
export function inboxHeadersFor(url) {
  const { origin } = new URL(url);
  return inboxHeaders({ connect: `${origin} ${origin.replace(/^http/, "ws")}`, images: `https: ${origin}` });
}

/** The file `_headers` of static hosts that read one: which project it will be is not known when the app is built. */
export function headersFile() {
  const headers = Object.entries(inboxHeaders({ connect: "https: wss:", images: "https:" }));
  return `/*\n${headers.map(([name, value]) => `  ${name}: ${value}\n`).join("")}`;
}
