/**
 * CORS headers of the browser functions. Any origin may call: the credentials are a bearer token, never a cookie,
 * and `validate-widget` checks the origin itself before it hands one out.
 */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "etag, retry-after, x-request-id",
};

/** Answers a preflight; it carries no credentials, so nothing is authenticated. */
export function preflight(method: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": `${method}, OPTIONS`,
      "access-control-allow-headers":
        "authorization, content-type, if-none-match, x-request-id, x-heddle-client",
      "access-control-max-age": "7200",
    },
  });
}
