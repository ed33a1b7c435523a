/** What a mail brings back: a link's token, or the code beside it. Source: supabase/auth, internal/api/verify.go. */
import { createHash, randomInt, randomUUID } from "node:crypto";
import type { TransactionSql } from "postgres";
import { AuthError, invalid } from "./answers.ts";
import type { AuthSettings } from "./settings.ts";
import { hashed, isBanned, randomPassword, reloaded, type UserRow } from "./users.ts";

export type MailKind = "signup" | "invite" | "magiclink" | "recovery";

/** Tokens that begin so belong to the PKCE flow: their link brings a code, not a session. */
export const PKCE_PREFIX = "pkce_";

const KINDS: Record<MailKind, { tokenType: string; sentAt: "confirmation_sent_at" | "recovery_sent_at" }> = {
  signup: { tokenType: "confirmation_token", sentAt: "confirmation_sent_at" },
  invite: { tokenType: "confirmation_token", sentAt: "confirmation_sent_at" },
  magiclink: { tokenType: "recovery_token", sentAt: "recovery_sent_at" },
  recovery: { tokenType: "recovery_token", sentAt: "recovery_sent_at" },
};

/** `email` stands for the kinds that sign in. */
const CANDIDATES: Record<string, MailKind[]> = {
  signup: ["signup"],
  invite: ["invite"],
  magiclink: ["magiclink"],
  recovery: ["recovery"],
  email: ["signup", "magiclink"],
};

export interface OneTimeToken {
  /** For people to type. */
  code: string;
  /** For links. */
  hash: string;
}

/** Gives a user the one valid token of this kind. Throws while the last mail to them is too recent. */
export async function issueToken(
  tx: TransactionSql,
  { user, kind, isPkce, settings }: {
    user: UserRow;
    kind: MailKind;
    isPkce: boolean;
    settings: AuthSettings;
  },
): Promise<OneTimeToken> {
  const { tokenType, sentAt } = KINDS[kind];
  await tx`select from auth.users where id = ${user.id} for update`;
  const lastSent = (await reloaded(tx, user.id))[sentAt];
  const wait = lastSent ? lastSent.getTime() + settings.mailIntervalMs - Date.now() : 0;
  if (wait > 0 && kind !== "invite") {
    const message = `For security purposes, you can only request this after ${
      Math.floor(wait / 1000)
    } seconds.`;
    throw new AuthError(429, "over_email_send_rate_limit", message);
  }
  const email = user.email ?? "";
  const code = randomInt(10 ** settings.otpLength).toString().padStart(settings.otpLength, "0");
  const hash = (isPkce ? PKCE_PREFIX : "") + tokenHash(email, code);
  await tx`delete from auth.one_time_tokens where user_id = ${user.id} and token_type = ${tokenType}`;
  await tx`
    insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
    values (${randomUUID()}, ${user.id}, ${tokenType}, ${hash}, ${email})`;
  await tx`
    update auth.users set ${tx(sentAt)} = now(), updated_at = now(),
      invited_at = ${kind === "invite" ? tx`now()` : tx`invited_at`}
    where id = ${user.id}`;
  return { code, hash };
}

/** The hash that stands for a code that somebody typed. */
export function tokenHash(email: string, code: string): string {
  return createHash("sha224").update(email + code).digest("hex");
}

/**
 * Uses up the token with one of these hashes, and confirms its user. `type` is what the link or the client says that it is.
 * Throws `otp_expired` with `message` for one that is unknown, used, of another type or too old.
 */
export async function redeemToken(
  tx: TransactionSql,
  { hashes, type, settings, message }: {
    hashes: string[];
    type: string;
    settings: AuthSettings;
    message: string;
  },
): Promise<UserRow> {
  const candidates = Object.hasOwn(CANDIDATES, type) ? CANDIDATES[type] ?? [] : null;
  if (!candidates) throw invalid("Unsupported verification type");
  const expired = new AuthError(403, "otp_expired", message);
  const tokenTypes = candidates.map((kind) => KINDS[kind].tokenType);
  const [token] = await tx`
    select user_id, token_type from auth.one_time_tokens
    where token_hash = any(${hashes}) and token_type::text = any(${tokenTypes}) for update`;
  if (!token) throw expired;
  const user = await reloaded(tx, token.user_id);
  if (isBanned(user)) throw new AuthError(403, "user_banned", "User is banned");
  const kind = candidates.find((candidate) => KINDS[candidate].tokenType === token.token_type) ?? "signup";
  const sentAt = user[KINDS[kind].sentAt];
  if (!sentAt || sentAt.getTime() + settings.otpSeconds * 1000 < Date.now()) throw expired;
  await confirmUser(tx, user);
  return await reloaded(tx, user.id);
}

/** Marks a user's address as theirs. An invited user without a password gets one that nobody knows. */
export async function confirmUser(tx: TransactionSql, user: UserRow): Promise<void> {
  const needsPassword = !user.encrypted_password && user.invited_at !== null;
  await tx`
    update auth.users set
      email_confirmed_at = coalesce(email_confirmed_at, now()),
      encrypted_password = ${needsPassword ? hashed(tx, randomPassword()) : tx`encrypted_password`},
      raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || '{"email_verified": true}',
      updated_at = now()
    where id = ${user.id}`;
  await tx`
    update auth.identities set identity_data = identity_data || '{"email_verified": true}', updated_at = now()
    where user_id = ${user.id} and provider = 'email'`;
  await forgetTokens(tx, user.id);
}

export async function forgetTokens(tx: TransactionSql, userId: string): Promise<void> {
  await tx`delete from auth.one_time_tokens where user_id = ${userId}`;
}
