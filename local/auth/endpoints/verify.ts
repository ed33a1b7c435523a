import { z } from "zod";
import { AuthError, invalid } from "../answers.ts";
import { PKCE_PREFIX, redeemToken, tokenHash } from "../one_time_tokens.ts";
import { issueCode } from "../pkce.ts";
import type { AuthRequest, AuthServices } from "../request.ts";
import { beginSession } from "../sessions.ts";
import { validEmail } from "../users.ts";

const BAD_LINK = "Email link is invalid or has expired";
const BAD_CODE = "Token has expired or is invalid";
/** What OAuth 2 calls a refusal (RFC 6749, section 4.1.2.1). */
const OAUTH_ERRORS: Record<number, string> = {
  400: "invalid_request",
  401: "unauthorized_client",
  403: "access_denied",
  500: "server_error",
  503: "temporarily_unavailable",
};

const verifyBody = z.object({
  type: z.string().default(""),
  token: z.string().default(""),
  token_hash: z.string().default(""),
  email: z.string().default(""),
});

/** `GET /verify`: what a mail's link opens. Sends the browser on with a session, a code or an error. Source: internal/api/verify.go. */
export async function followLink(services: AuthServices, request: AuthRequest): Promise<Response> {
  const { sql, settings, tokens } = services;
  const { query, origin, redirectTo } = request;
  const type = query.get("type") ?? "";
  const hash = query.get("token") ?? "";
  if (!type) throw invalid("Verify requires a verification type");
  if (!hash) throw invalid("Verify requires a token or a token hash");
  const isPkce = hash.startsWith(PKCE_PREFIX);
  try {
    return await sql.begin(async (tx) => {
      const user = await redeemToken(tx, { hashes: [hash], type, settings, message: BAD_LINK });
      if (isPkce) return seeOther(withQuery(redirectTo, { code: await issueCode(tx, user.id, type) }));
      const { user: _user, ...session } = await beginSession(tx, tokens, { user, method: "otp", origin });
      const fragment = Object.entries({ ...session, type }).map(([name, value]) => [name, String(value)]);
      return seeOther(`${redirectTo}#${new URLSearchParams(fragment)}`);
    });
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return seeOther(withError(redirectTo, error, isPkce));
  }
}

/** `POST /verify`: a session for a code that somebody typed, or for a link's token. */
export async function verify(services: AuthServices, request: AuthRequest): Promise<Response> {
  const { sql, settings, tokens } = services;
  const { type, token, token_hash: hash, email } = await request.body(verifyBody);
  if (!type) throw invalid("Verify requires a verification type");
  if (!token === !hash) throw invalid("Verify requires either a token or a token hash");
  if (hash && email) throw invalid("Only the token_hash and type should be provided");
  if (token && !email) throw invalid("Only an email address or phone number should be provided on verify");
  const typed = token ? tokenHash(validEmail(email), token) : "";
  const hashes = token ? [typed, PKCE_PREFIX + typed] : [hash];
  const message = token ? BAD_CODE : BAD_LINK;
  const { origin } = request;
  return await sql.begin(async (tx) => {
    const user = await redeemToken(tx, { hashes, type, settings, message });
    return Response.json(await beginSession(tx, tokens, { user, method: "otp", origin }));
  });
}

function withQuery(page: string, values: Record<string, string>): string {
  const [beforeFragment = "", ...fragment] = page.split("#");
  const [path = "", ...query] = beforeFragment.split("?");
  const merged = new URLSearchParams(query.join("?"));
  for (const [name, value] of Object.entries(values)) merged.set(name, value);
  return `${path}?${merged}${fragment.length > 0 ? `#${fragment.join("#")}` : ""}`;
}

function withError(page: string, { status, code, message }: AuthError, isPkce: boolean): string {
  const error = OAUTH_ERRORS[status];
  const values = { ...(error && { error }), error_code: code, error_description: message };
  const target = isPkce ? withQuery(page, values) : page;
  return `${target.split("#")[0]}#${new URLSearchParams(values)}`;
}

function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location } });
}
