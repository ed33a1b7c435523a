import type { TransactionSql } from "postgres";
import { z } from "zod";
import { AuthError, invalid } from "../answers.ts";
import { confirmUser, forgetTokens } from "../one_time_tokens.ts";
import { type AuthRequest, type AuthServices, isUuid, metadata } from "../request.ts";
import { endSessions } from "../sessions.ts";
import { milliseconds } from "../settings.ts";
import {
  createUser,
  emailExists,
  findUser,
  hashed,
  merged,
  randomPassword,
  reloaded,
  requireStrength,
  selectUsers,
  userBody,
  type UserRow,
  validEmail,
} from "../users.ts";

const PAGE = { number: 1, size: 50 };
const MAX_PAGE_SIZE = 1000;

const userFields = z.object({
  id: z.string().nullish(),
  email: z.string().default(""),
  phone: z.string().default(""),
  password: z.string().nullish(),
  role: z.string().nullish(),
  email_confirm: z.boolean().default(false),
  user_metadata: metadata.nullish(),
  app_metadata: metadata.nullish(),
  ban_duration: z.string().default(""),
});
type UserFields = z.infer<typeof userFields>;
const deleteBody = z.object({ should_soft_delete: z.boolean().default(false) });

/** `POST /admin/users`: a user, confirmed if the caller vouches for the address. Source: internal/api/admin.go. */
export async function adminCreate({ sql, settings }: AuthServices, request: AuthRequest): Promise<Response> {
  const fields = await request.body(userFields);
  if (fields.phone || !fields.email) {
    throw invalid("Cannot create a user without an email; the local stack has no phone users");
  }
  const email = validEmail(fields.email);
  if (fields.id && !isUuid(fields.id)) throw invalid("ID must conform to the uuid v4 format");
  const password = fields.password || randomPassword();
  requireStrength(password, settings.minimumPasswordLength);
  return await sql.begin(async (tx) => {
    const user = await createUser(tx, {
      ...(fields.id ? { id: fields.id } : {}),
      ...(fields.role ? { role: fields.role } : {}),
      email,
      password,
      userMetadata: fields.user_metadata ?? {},
      appMetadata: fields.app_metadata ?? {},
      confirmed: fields.email_confirm,
    });
    await ban(tx, user, fields.ban_duration);
    return Response.json(userBody(await reloaded(tx, user.id)));
  });
}

/** `GET /admin/users?page=&per_page=`: the newest first, with the total and the other pages in headers. */
export async function adminList({ sql }: AuthServices, { query }: AuthRequest): Promise<Response> {
  const page = pageNumber(query.get("page"), PAGE.number);
  const size = Math.min(pageNumber(query.get("per_page"), PAGE.size), MAX_PAGE_SIZE);
  const [users, [counted]] = await Promise.all([
    selectUsers(sql, sql`order by u.created_at desc, u.id limit ${size} offset ${(page - 1) * size}`),
    sql`select count(*)::int as total from auth.users`,
  ]);
  const total: number = counted?.total ?? 0;
  const last = Math.max(1, Math.ceil(total / size));
  const link = (to: number, rel: string) => `</admin/users?page=${to}&per_page=${size}>; rel="${rel}"`;
  const links = [...(page < last ? [link(page + 1, "next")] : []), link(last, "last")];
  const headers = { "x-total-count": String(total), link: links.join(", ") };
  return Response.json({ users: users.map(userBody), aud: "authenticated" }, { headers });
}

/** `GET /admin/users/{id}` */
export async function adminShow(services: AuthServices, request: AuthRequest): Promise<Response> {
  return Response.json(userBody(await namedUser(services, request)));
}

/** `PUT /admin/users/{id}`: whatever the caller says, at once. A new password ends all sessions. */
export async function adminChange(services: AuthServices, request: AuthRequest): Promise<Response> {
  const { sql, settings } = services;
  const user = await namedUser(services, request);
  const fields = await request.body(userFields);
  const email = fields.email ? validEmail(fields.email) : null;
  if (fields.password) requireStrength(fields.password, settings.minimumPasswordLength);
  if (email && email !== user.email && await findUser(sql, { email })) throw emailExists();
  return await sql.begin(async (tx) => {
    await applyChanges(tx, user, { ...fields, email: email ?? "" });
    await ban(tx, user, fields.ban_duration);
    return Response.json(userBody(await reloaded(tx, user.id)));
  });
}

async function applyChanges(tx: TransactionSql, user: UserRow, fields: UserFields): Promise<void> {
  const { id } = user;
  const { email, password, role, user_metadata: data, app_metadata: appData } = fields;
  if (role) await tx`update auth.users set role = ${role} where id = ${id}`;
  if (email) {
    await tx`update auth.users set email = ${email} where id = ${id}`;
    const identity = { email, email_verified: fields.email_confirm };
    await tx`
      update auth.identities set identity_data = identity_data || ${tx.json(identity)}, updated_at = now()
      where user_id = ${id} and provider = 'email'`;
  }
  if (fields.email_confirm) await confirmUser(tx, user);
  if (password) {
    await tx`update auth.users set encrypted_password = ${hashed(tx, password)} where id = ${id}`;
    await forgetTokens(tx, id);
    await endSessions(tx, { userId: id, sessionId: null, scope: "global" });
  }
  if (data) {
    const { raw_user_meta_data: current } = await reloaded(tx, id);
    await tx`update auth.users set raw_user_meta_data = ${tx.json(merged(current, data))} where id = ${id}`;
  }
  if (appData) {
    const merge = tx.json(merged(user.raw_app_meta_data, appData));
    await tx`update auth.users set raw_app_meta_data = ${merge} where id = ${id}`;
  }
  await tx`update auth.users set updated_at = now() where id = ${id}`;
}

/** `DELETE /admin/users/{id}`, with all sessions. */
export async function adminDelete(services: AuthServices, request: AuthRequest): Promise<Response> {
  const { id } = await namedUser(services, request);
  const { should_soft_delete: soft } = await request.body(deleteBody);
  if (soft) throw invalid("The local stack has no soft delete");
  try {
    await services.sql`delete from auth.users where id = ${id}`;
  } catch (cause) {
    // Most often a row of the project's own that still refers to the user.
    throw Object.assign(new AuthError(500, "unexpected_failure", "Database error deleting user"), { cause });
  }
  return Response.json({});
}

async function namedUser({ sql }: AuthServices, { userId }: AuthRequest): Promise<UserRow> {
  if (!isUuid(userId)) throw new AuthError(404, "validation_failed", "user_id must be an UUID");
  return await reloaded(sql, userId);
}

async function ban(tx: TransactionSql, { id }: UserRow, duration: string): Promise<void> {
  if (!duration) return;
  const ms = duration === "none" ? 0 : milliseconds(duration);
  if (ms === undefined) throw invalid(`invalid format for ban duration: ${JSON.stringify(duration)}`);
  const until = duration === "none" ? null : new Date(Date.now() + ms);
  await tx`update auth.users set banned_until = ${until} where id = ${id}`;
}

function pageNumber(text: string | null, fallback: number): number {
  if (!text) return fallback;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw invalid(`Bad Pagination Parameters: ${JSON.stringify(text)} is no positive number`);
}
