import type { Context, Next } from "hono";

const LOCAL_NAME = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/;

/** An answer that is not 2xx. Heddle shows the visitor the message of a 422. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** `{ "message": "…" }` with the error's status; 500 without detail for an error that nobody threw on purpose. */
export function errorResponse(error: unknown): Response {
  if (error instanceof HttpError) {
    return Response.json({ message: error.message }, { status: error.status });
  }
  console.error(error);
  return Response.json({ message: "Something went wrong on our side." }, { status: 500 });
}

/** What a page may load and call: the shop itself and Heddle, and no inline script or style. */
export function contentSecurityPolicy(heddleUrl: string): string {
  const socketUrl = heddleUrl.replace(/^http/, "ws");
  return [
    "default-src 'self'",
    `script-src 'self' ${heddleUrl}`,
    `connect-src 'self' ${heddleUrl} ${socketUrl}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** A page of elsewhere whose name resolves to this machine (DNS rebinding) must not read or do anything as one of the shop's. */
export async function refuseForeignName({ req }: Context, next: Next): Promise<void> {
  const { hostname } = new URL(req.url);
  if (!LOCAL_NAME.test(hostname)) throw new HttpError(404, "This shop is at 127.0.0.1.");
  await next();
}

/** A form or script of another site must not act for the shopper. Programs such as curl send no such header. */
export async function refuseForeignSite({ req }: Context, next: Next): Promise<void> {
  const site = req.header("sec-fetch-site");
  const reads = req.method === "GET" || req.method === "HEAD";
  if (!reads && site && site !== "same-origin" && site !== "none") {
    throw new HttpError(403, "This request came from another site.");
  }
  await next();
}
