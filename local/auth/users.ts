/** Rows of `auth.users` with their identities. Source: supabase/auth, internal/models/user.go. */
import { randomBytes, randomUUID } from "node:crypto";
import type { JSONValue, Sql, TransactionSql } from "postgres";
import { AuthError, invalid } from "./answers.ts";

export type Connection = Sql | TransactionSql;

export interface UserRow {
  id: string;
  aud: string;
  role: string;
  email: string | null;
  encrypted_password: string | null;
  email_confirmed_at: Date | null;
  invited_at: Date | null;
  confirmation_sent_at: Date | null;
  recovery_sent_at: Date | null;
  confirmed_at: Date | null;
  last_sign_in_at: Date | null;
  raw_app_meta_data: Metadata | null;
  raw_user_meta_data: Metadata | null;
  created_at: Date;
  updated_at: Date;
  phone: string | null;
  banned_until: Date | null;
  is_anonymous: boolean;
  identities: JSONValue[];
}

export type Metadata = Record<string, JSONValue>;

export interface NewUser {
  id?: string;
  email: string;
  password?: string;
  role?: string;
  userMetadata?: Metadata;
  appMetadata?: Metadata;
  confirmed?: boolean;
}

const AUDIENCE = "authenticated";
/** The format that GoTrue demands of an address (badoux/checkmail). Nothing of it could end a header of a mail. */
const EMAIL =
  /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const MAX_EMAIL_CHARACTERS = 255;
const MAX_PASSWORD_BYTES = 72;
/** Of no password: compared with where there is no user, so that both cases take the same time. */
const NO_HASH = "$2a$10$4k4Gr1H1ysmD5uRc3cTVwOdQ6bWFp1tQdTcEEIzx8vXK2QT3jRrh6";
const UNIQUE_VIOLATION = "23505";

/** Lower case, as every address is kept; throws for what is no address. */
export function validEmail(email: string): string {
  if (!email) throw invalid("An email address is required");
  if (email.length > MAX_EMAIL_CHARACTERS || !EMAIL.test(email)) {
    throw invalid("Unable to validate email address: invalid format");
  }
  return email.toLowerCase();
}

/** Throws unless Auth would take the password. */
export function requireStrength(password: string, minimumLength: number): void {
  if (new TextEncoder().encode(password).length > MAX_PASSWORD_BYTES) {
    throw invalid(`Password cannot be longer than ${MAX_PASSWORD_BYTES} characters`);
  }
  if (password.length >= minimumLength) return;
  const message = `Password should be at least ${minimumLength} characters.`;
  throw new AuthError(422, "weak_password", message, { weak_password: { reasons: ["length"] } });
}

export async function findUser(
  sql: Connection,
  key: { id: string } | { email: string },
): Promise<UserRow | null> {
  const condition = "id" in key ? sql`u.id = ${key.id}` : sql`u.email = ${key.email} and not u.is_sso_user`;
  const [user] = await selectUsers(sql, sql`where ${condition} and u.deleted_at is null`);
  return user ?? null;
}

export function selectUsers(sql: Connection, tail: ReturnType<Sql>): Promise<UserRow[]> {
  return sql<UserRow[]>`
    select u.*, coalesce((
      select jsonb_agg(jsonb_build_object(
        'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
        'provider', i.provider, 'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at,
        'updated_at', i.updated_at, 'email', i.email
      ) order by i.created_at)
      from auth.identities i where i.user_id = u.id
    ), '[]') as identities
    from auth.users u ${tail}`;
}

/** The user whose address and password these are; `null` if there is none. */
export async function userWithPassword(sql: Sql, email: string, password: string): Promise<UserRow | null> {
  const user = await findUser(sql, { email });
  const hash = user?.encrypted_password || NO_HASH;
  return await isPassword(sql, hash, password) ? user : null;
}

export async function isPassword(sql: Connection, hash: string, password: string): Promise<boolean> {
  const [row] = await sql`select extensions.crypt(${password}, ${hash}) = ${hash} as matches`;
  return row?.matches === true;
}

/** Creates a user with an identity of provider `email`. Throws `email_exists`. */
export async function createUser(sql: Connection, user: NewUser): Promise<UserRow> {
  const { id = randomUUID(), email, password, confirmed = false } = user;
  const appMetadata = { provider: "email", providers: ["email"], ...user.appMetadata };
  const userMetadata = { ...user.userMetadata, ...(confirmed ? { email_verified: true } : {}) };
  try {
    await sql`
      insert into auth.users (
        instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data,
        raw_user_meta_data, created_at, updated_at, confirmation_token, recovery_token, email_change_token_new,
        email_change
      ) values (
        '00000000-0000-0000-0000-000000000000', ${id}, ${AUDIENCE}, ${user.role ?? AUDIENCE}, ${email},
        ${password === undefined ? "" : hashed(sql, password)}, ${confirmed ? sql`now()` : null},
        ${sql.json(appMetadata)}, ${sql.json(userMetadata)}, now(), now(), '', '', '', ''
      )`;
    await sql`
      insert into auth.identities (
        provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
      ) values (
        ${id}, ${id}, ${
      sql.json({ sub: id, email, email_verified: confirmed, phone_verified: false })
    }, 'email',
        now(), now(), now()
      )`;
  } catch (error) {
    throw (error as { code?: unknown }).code === UNIQUE_VIOLATION ? emailExists() : error;
  }
  return await reloaded(sql, id);
}

export function emailExists(): AuthError {
  const message = "A user with this email address has already been registered";
  return new AuthError(422, "email_exists", message);
}

export async function reloaded(sql: Connection, id: string): Promise<UserRow> {
  const user = await findUser(sql, { id });
  if (user) return user;
  throw new AuthError(404, "user_not_found", "User not found");
}

/** A password that nobody knows, for users who have yet to choose one. */
export function randomPassword(): string {
  return randomBytes(32).toString("base64url");
}

/** The expression of a password's hash, as GoTrue makes it (bcrypt). */
export function hashed(sql: Connection, password: string): ReturnType<Sql> {
  return sql`extensions.crypt(${password}, extensions.gen_salt('bf', 10))`;
}

/** Merges changes into what a user has; `null` removes a key. */
export function merged(current: Metadata | null, changes: Metadata): Metadata {
  const entries = Object.entries({ ...current, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries);
}

export function isBanned({ banned_until }: UserRow): boolean {
  return banned_until !== null && banned_until.getTime() > Date.now();
}

/** A user as Auth's answers show it. What is not set is left out. */
export function userBody(user: UserRow): Record<string, unknown> {
  return {
    id: user.id,
    aud: user.aud,
    role: user.role,
    email: user.email ?? "",
    ...(user.email_confirmed_at && { email_confirmed_at: user.email_confirmed_at }),
    ...(user.invited_at && { invited_at: user.invited_at }),
    phone: user.phone ?? "",
    ...(user.confirmation_sent_at && { confirmation_sent_at: user.confirmation_sent_at }),
    ...(user.confirmed_at && { confirmed_at: user.confirmed_at }),
    ...(user.recovery_sent_at && { recovery_sent_at: user.recovery_sent_at }),
    ...(user.last_sign_in_at && { last_sign_in_at: user.last_sign_in_at }),
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    identities: user.identities,
    created_at: user.created_at,
    updated_at: user.updated_at,
    ...(user.banned_until && { banned_until: user.banned_until }),
    is_anonymous: user.is_anonymous,
  };
}
