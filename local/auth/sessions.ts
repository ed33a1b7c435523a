/** Sessions and their refresh tokens, rotated with every use. Source: supabase/auth, internal/tokens/service.go. */
import { randomBytes, randomUUID } from "node:crypto";
import type { Sql, TransactionSql } from "postgres";
import type { AccessTokens, SessionRow } from "./access_token.ts";
import { AuthError } from "./answers.ts";
import type { AuthSettings } from "./settings.ts";
import { type Connection, isBanned, reloaded, userBody, type UserRow } from "./users.ts";

const REFRESH_TOKEN = "abcdefghijklmnopqrstuvwxyz234567";
const REFRESH_TOKEN_CHARACTERS = 12;

/** From where a session was begun. */
export interface Origin {
  userAgent: string;
  address: string;
}

/** What a sign-in answers. */
export interface SessionBody {
  access_token: string;
  token_type: "bearer";
  /** In seconds. */
  expires_in: number;
  /** Seconds since the epoch. */
  expires_at: number;
  refresh_token: string;
  user: Record<string, unknown>;
}

/** Begins a session for a user who has proved to be that by `method`, such as `password` or `otp`. */
export async function beginSession(
  tx: TransactionSql,
  tokens: AccessTokens,
  { user, method, origin }: { user: UserRow; method: string; origin: Origin },
): Promise<SessionBody> {
  const id = randomUUID();
  await tx`update auth.users set last_sign_in_at = now(), updated_at = now() where id = ${user.id}`;
  await tx`
    insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
    values (${id}, ${user.id}, now(), now(), 'aal1', ${origin.userAgent}, ${origin.address})`;
  await tx`
    insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
    values (${randomUUID()}, ${id}, now(), now(), ${method})`;
  const refreshToken = await addRefreshToken(tx, { userId: user.id, sessionId: id, parent: null });
  return await sessionBody(tx, tokens, id, refreshToken);
}

/**
 * Exchanges a refresh token for a session with a new one. A token that was used before is answered with its successor while
 * that is unused, or within the reuse interval; otherwise all tokens of its session are revoked.
 */
export async function refreshSession(
  sql: Sql,
  tokens: AccessTokens,
  { token, settings }: { token: string; settings: AuthSettings },
): Promise<SessionBody> {
  // The revocation outlives the refusal: it is returned, not thrown, so that the transaction commits.
  const result = await sql.begin(async (tx) => {
    const known = await lockedToken(tx, token);
    if (!known) {
      throw refused("refresh_token_not_found", "Refresh Token Not Found");
    }
    if (isBanned(await reloaded(tx, known.user_id))) throw refused("user_banned", "User Banned");
    if (!known.revoked) {
      return await sessionBody(tx, tokens, known.session_id, await swapToken(tx, known));
    }
    const [active] = await tx`
      select token, parent from auth.refresh_tokens
      where session_id = ${known.session_id} and not revoked order by id desc limit 1`;
    if (active?.parent === token) return await sessionBody(tx, tokens, known.session_id, active.token);
    if (known.age <= settings.reuseSeconds) {
      return await sessionBody(tx, tokens, known.session_id, await swapToken(tx, known));
    }
    if (settings.rotatesRefreshTokens) {
      await tx`
        update auth.refresh_tokens set revoked = true, updated_at = now()
        where session_id = ${known.session_id} and not revoked`;
    }
    return refused("refresh_token_already_used", "Already Used");
  });
  if (result instanceof AuthError) throw result;
  return result;
}

interface TokenRow {
  token: string;
  user_id: string;
  session_id: string;
  revoked: boolean;
  /** Seconds since it was last changed. */
  age: number;
}

/** Nobody else can use the session's tokens until the transaction ends. */
async function lockedToken(tx: TransactionSql, token: string): Promise<TokenRow | undefined> {
  await tx`
    select from auth.sessions where id = (select session_id from auth.refresh_tokens where token = ${token})
    for update`;
  const [known] = await tx<TokenRow[]>`
    select token, user_id, session_id, revoked, extract(epoch from now() - updated_at)::float8 as age
    from auth.refresh_tokens where token = ${token}`;
  return known;
}

async function swapToken(tx: TransactionSql, { token, user_id, session_id }: TokenRow): Promise<string> {
  await tx`update auth.refresh_tokens set revoked = true, updated_at = now() where token = ${token} and not revoked`;
  await tx`update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now() where id = ${session_id}`;
  return await addRefreshToken(tx, { userId: user_id, sessionId: session_id, parent: token });
}

async function addRefreshToken(
  tx: TransactionSql,
  { userId, sessionId, parent }: { userId: string; sessionId: string; parent: string | null },
): Promise<string> {
  const bytes = [...randomBytes(REFRESH_TOKEN_CHARACTERS)];
  const token = bytes.map((byte) => REFRESH_TOKEN[byte % REFRESH_TOKEN.length]).join("");
  await tx`
    insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
    values (
      '00000000-0000-0000-0000-000000000000', ${token}, ${userId}, false, now(), now(), ${parent}, ${sessionId}
    )`;
  return token;
}

async function sessionBody(
  tx: TransactionSql,
  tokens: AccessTokens,
  sessionId: string,
  refreshToken: string,
): Promise<SessionBody> {
  const session = await findSession(tx, sessionId);
  if (!session) throw refused("session_not_found", "No Valid Session Found");
  const user = await reloaded(tx, session.user_id);
  const { token, expiresAt } = await tokens.sign(user, session);
  return {
    access_token: token,
    token_type: "bearer",
    expires_in: tokens.seconds,
    expires_at: expiresAt,
    refresh_token: refreshToken,
    user: userBody(user),
  };
}

export async function findSession(sql: Connection, id: string): Promise<SessionRow | null> {
  const [session] = await sql<SessionRow[]>`
    select s.id, s.user_id, s.aal, coalesce((
      select jsonb_agg(jsonb_build_object(
        'method', authentication_method, 'timestamp', extract(epoch from c.updated_at)::bigint
      ) order by c.updated_at desc)
      from auth.mfa_amr_claims c where c.session_id = s.id
    ), '[]') as amr
    from auth.sessions s where s.id = ${id}`;
  return session ?? null;
}

/** Ends sessions of a user: the one, the others, or all; their refresh tokens go with them. */
export async function endSessions(
  sql: Connection,
  { userId, sessionId, scope }: {
    userId: string;
    sessionId: string | null;
    scope: "global" | "local" | "others";
  },
): Promise<void> {
  if (sessionId === null || scope === "global") {
    await sql`delete from auth.sessions where user_id = ${userId}`;
  } else if (scope === "local") {
    await sql`delete from auth.sessions where id = ${sessionId}`;
  } else {
    await sql`delete from auth.sessions where user_id = ${userId} and id <> ${sessionId}`;
  }
}

function refused(code: string, reason: string): AuthError {
  return new AuthError(400, code, `Invalid Refresh Token: ${reason}`);
}
