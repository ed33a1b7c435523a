/** What a web page may do here: the local keys, the demo users' passwords and the JWT secret are known to everybody. */
const LOCAL_NAME = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/;
/** The name under which Docker Desktop's containers reach this machine. */
const FROM_CONTAINERS = "host.docker.internal";

/**
 * Whether the request names this machine. A page whose own name resolves to it (DNS rebinding) does not; its browser takes it for
 * one of the same origin, and sends no `Origin`.
 */
export function namesThisMachine({ url }: Request): boolean {
  const { hostname } = new URL(url);
  return isLocalName(hostname) || hostname === FROM_CONTAINERS;
}

/** Whether a page sent the request that is none of this machine's: those of `localhost` and 127.0.0.1 are, on any port. */
export function isFromForeignPage({ headers }: Request): boolean {
  const origin = headers.get("origin");
  // An image or a link sends none.
  if (origin === null) return headers.get("sec-fetch-site") === "cross-site";
  return !URL.canParse(origin) || !isLocalName(new URL(origin).hostname);
}

/** The answer to a page of elsewhere that asks for what only pages of this machine get. */
export function refuseForeignPage(): Response {
  const message = "The local project takes this from pages of localhost and 127.0.0.1 only";
  return Response.json({ code: "foreign_origin", message }, { status: 403 });
}

function isLocalName(hostname: string): boolean {
  return LOCAL_NAME.test(hostname);
}
