import { z } from "zod";
import { AuthError, invalid } from "../answers.ts";
import { forgetTokens } from "../one_time_tokens.ts";
import { type AuthRequest, type AuthServices, metadata } from "../request.ts";
import { endSessions } from "../sessions.ts";
import { hashed, isPassword, merged, reloaded, requireStrength, userBody } from "../users.ts";

const SCOPES = ["global", "local", "others"] as const;

const changesBody = z.object({
  email: z.string().default(""),
  phone: z.string().default(""),
  password: z.string().nullish(),
  data: metadata.nullish(),
  app_metadata: z.unknown().optional(),
});

/** `GET /user`: who the access token stands for. */
export async function showUser(_services: AuthServices, request: AuthRequest): Promise<Response> {
  const { user } = await request.user();
  return Response.json(userBody(user));
}

/** `PUT /user`: a new password, which ends the user's other sessions, and their own metadata. Source: internal/api/user.go. */
export async function changeUser({ sql, settings }: AuthServices, request: AuthRequest): Promise<Response> {
  const { user, sessionId } = await request.user();
  const { email, phone, password, data, app_metadata: appMetadata } = await request.body(changesBody);
  if (appMetadata !== undefined && appMetadata !== null) {
    throw new AuthError(403, "not_admin", "Updating app_metadata requires admin privileges");
  }
  if ((email && email.toLowerCase() !== user.email) || phone) {
    throw invalid("The local stack changes addresses only through the admin API");
  }
  if (password) {
    requireStrength(password, settings.minimumPasswordLength);
    if (user.encrypted_password && await isPassword(sql, user.encrypted_password, password)) {
      throw new AuthError(422, "same_password", "New password should be different from the old password.");
    }
  }
  return await sql.begin(async (tx) => {
    if (password) {
      await tx`
        update auth.users set encrypted_password = ${
        hashed(tx, password)
      }, updated_at = now() where id = ${user.id}`;
      await forgetTokens(tx, user.id);
      const scope = sessionId === null ? "global" : "others";
      await endSessions(tx, { userId: user.id, sessionId, scope });
    }
    if (data) {
      const { raw_user_meta_data: current } = await reloaded(tx, user.id);
      await tx`
        update auth.users set raw_user_meta_data = ${tx.json(merged(current, data))}, updated_at = now()
        where id = ${user.id}`;
    }
    return Response.json(userBody(await reloaded(tx, user.id)));
  });
}

/** `POST /logout?scope=`: ends sessions of the user. Access tokens live on until they expire, as everywhere. */
export async function logOut({ sql }: AuthServices, request: AuthRequest): Promise<Response> {
  const { user, sessionId } = await request.user();
  const wanted = request.query.get("scope") || "global";
  const scope = SCOPES.find((known) => known === wanted);
  if (!scope) throw invalid(`Unsupported logout scope ${JSON.stringify(wanted)}`);
  await endSessions(sql, { userId: user.id, sessionId, scope });
  return new Response(null, { status: 204 });
}
