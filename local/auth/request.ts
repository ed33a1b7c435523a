import { z } from "zod";
import type { Sql } from "postgres";
import type { AccessTokens } from "./access_token.ts";
import { AuthError } from "./answers.ts";
import type { Mailer } from "./mailer.ts";
import { redirectOf } from "./redirects.ts";
import { findSession, type Origin } from "./sessions.ts";
import type { AuthSettings } from "./settings.ts";
import { findUser, isBanned, type UserRow } from "./users.ts";

/** What every endpoint works with. */
export interface AuthServices {
  /** Connections as `supabase_auth_admin`. */
  sql: Sql;
  settings: AuthSettings;
  tokens: AccessTokens;
  mailer: Mailer;
}

/** A request to Auth, with what the endpoints ask of it. */
export interface AuthRequest {
  query: URLSearchParams;
  /** The part of the path that names a user. */
  userId: string;
  origin: Origin;
  /** The page that a mail's link may lead to. */
  redirectTo: string;
  /** The body by its schema; throws `bad_json`. */
  body<T>(schema: z.ZodType<T>): Promise<T>;
  /** The user whose access token the request carries, and their session; throws where there is none. */
  user(): Promise<{ user: UserRow; sessionId: string | null }>;
}

const uuid = z.uuid();
const NO_BODY = "";
/** In JSON: what Postgres can keep in no text, NUL and half of a surrogate pair. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/** Metadata is any JSON object. */
export const metadata = z.record(z.string(), z.json());

/** @param token the caller's JWT, as the proxy has found it */
export function readRequest(
  request: Request,
  { address, token, userId }: { address: string; token: string | null; userId: string },
  { sql, settings, tokens }: AuthServices,
): AuthRequest {
  return {
    query: new URL(request.url).searchParams,
    userId,
    origin: { userAgent: request.headers.get("user-agent") ?? "", address },
    redirectTo: redirectOf(request, settings),
    async body(schema) {
      const text = await request.text();
      const result = schema.safeParse(parsed(text === NO_BODY ? "{}" : text));
      if (result.success) return result.data;
      const [issue] = result.error.issues;
      throw badJson(`${issue?.path.join(".")}: ${issue?.message}`);
    },
    async user() {
      if (!token) throw new AuthError(401, "no_authorization", "This endpoint requires a Bearer token");
      const { sub, session_id: sessionId } = await tokens.verify(token);
      if (!sub) throw new AuthError(403, "bad_jwt", "invalid claim: missing sub claim");
      if (!uuid.safeParse(sub).success) {
        throw new AuthError(400, "bad_jwt", "invalid claim: sub claim must be a UUID");
      }
      const user = await findUser(sql, { id: sub });
      if (!user) {
        throw new AuthError(403, "user_not_found", "User from sub claim in JWT does not exist");
      }
      if (isBanned(user)) throw new AuthError(403, "user_banned", "User is banned");
      if (sessionId === undefined || sessionId === "") return { user, sessionId: null };
      if (!uuid.safeParse(sessionId).success) {
        throw new AuthError(403, "bad_jwt", "invalid claim: session_id claim must be a UUID");
      }
      const session = await findSession(sql, String(sessionId));
      if (session) return { user, sessionId: session.id };
      throw new AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist");
    },
  };
}

export function isUuid(text: string): boolean {
  return uuid.safeParse(text).success;
}

function parsed(text: string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badJson("it is none");
  }
  // Written again, pairs of surrogates are characters and only halves are escapes.
  if (UNSTORABLE.test(JSON.stringify(body))) throw badJson("it holds a character that no text can hold");
  return body;
}

function badJson(why: string): AuthError {
  return new AuthError(400, "bad_json", `Could not parse request body as JSON: ${why}`);
}
