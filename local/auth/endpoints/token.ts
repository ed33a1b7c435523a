import { z } from "zod";
import { AuthError, invalid } from "../answers.ts";
import { exchangeCode } from "../pkce.ts";
import type { AuthRequest, AuthServices } from "../request.ts";
import { beginSession, refreshSession } from "../sessions.ts";
import { isBanned, reloaded, userWithPassword } from "../users.ts";

const passwordGrant = z.object({ email: z.string().default(""), password: z.string().default("") });
const refreshGrant = z.object({ refresh_token: z.string().default("") });
const pkceGrant = z.object({ auth_code: z.string().default(""), code_verifier: z.string().default("") });

/** `POST /token?grant_type=`: a session for a password, a refresh token or a code. Source: internal/api/token.go. */
export async function token(services: AuthServices, request: AuthRequest): Promise<Response> {
  switch (request.query.get("grant_type")) {
    case "password":
      return await withPassword(services, request);
    case "refresh_token":
      return await withRefreshToken(services, request);
    case "pkce":
      return await withCode(services, request);
  }
  throw new AuthError(400, "invalid_credentials", "unsupported_grant_type");
}

async function withPassword({ sql, tokens }: AuthServices, request: AuthRequest): Promise<Response> {
  const { email, password } = await request.body(passwordGrant);
  if (!email) throw invalid("missing email or phone");
  const user = await userWithPassword(sql, email.toLowerCase(), password);
  if (!user) throw new AuthError(400, "invalid_credentials", "Invalid login credentials");
  if (isBanned(user)) throw new AuthError(400, "user_banned", "User is banned");
  if (!user.email_confirmed_at) throw new AuthError(400, "email_not_confirmed", "Email not confirmed");
  const { origin } = request;
  const session = await sql.begin((tx) => beginSession(tx, tokens, { user, method: "password", origin }));
  return Response.json(session);
}

async function withRefreshToken(
  { sql, tokens, settings }: AuthServices,
  request: AuthRequest,
): Promise<Response> {
  const { refresh_token: refreshToken } = await request.body(refreshGrant);
  if (!refreshToken) throw invalid("refresh_token required");
  return Response.json(await refreshSession(sql, tokens, { token: refreshToken, settings }));
}

async function withCode({ sql, tokens }: AuthServices, request: AuthRequest): Promise<Response> {
  const { auth_code: code, code_verifier: verifier } = await request.body(pkceGrant);
  const { userId, method } = await exchangeCode(sql, { code, verifier });
  const { origin } = request;
  const session = await sql.begin(async (tx) =>
    beginSession(tx, tokens, { user: await reloaded(tx, userId), method, origin })
  );
  return Response.json(session);
}
