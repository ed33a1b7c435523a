import type { TransactionSql } from "postgres";
import { z } from "zod";
import { AuthError, invalid } from "../answers.ts";
import { confirmUser, issueToken, type MailKind } from "../one_time_tokens.ts";
import { type Challenge, challengeOf, keepChallenge } from "../pkce.ts";
import { type AuthRequest, type AuthServices, metadata } from "../request.ts";
import { beginSession } from "../sessions.ts";
import {
  createUser,
  emailExists,
  findUser,
  type Metadata,
  randomPassword,
  reloaded,
  requireStrength,
  userBody,
  type UserRow,
  validEmail,
} from "../users.ts";

const pkceFields = { code_challenge: z.string().nullish(), code_challenge_method: z.string().nullish() };
const otpBody = z.object({
  email: z.string().default(""),
  phone: z.string().default(""),
  create_user: z.boolean().default(true),
  data: metadata.nullish(),
  ...pkceFields,
});
const signUpBody = z.object({
  email: z.string().default(""),
  password: z.string().default(""),
  data: metadata.nullish(),
  ...pkceFields,
});
const recoverBody = z.object({ email: z.string().default(""), ...pkceFields });
const inviteBody = z.object({ email: z.string().default(""), data: metadata.nullish() });

/** `POST /otp`, `POST /magiclink`: mails a link and a code that sign in. Source: internal/api/otp.go, magic_link.go. */
export async function otp(services: AuthServices, request: AuthRequest): Promise<Response> {
  const { sql, settings } = services;
  const body = await request.body(otpBody);
  if (body.phone) throw new AuthError(400, "phone_provider_disabled", "Unsupported phone provider");
  if (!body.email) throw invalid("One of email or phone must be set");
  const challenge = challengeOf(body);
  const email = validEmail(body.email);
  const known = await findUser(sql, { email });
  if (!known && !body.create_user) {
    throw new AuthError(422, "otp_disabled", "Signups not allowed for otp");
  }
  if (!known?.email_confirmed_at && !settings.signUps) throw signUpsDisabled();
  await sql.begin(async (tx) => {
    const user = known ??
      await createUser(tx, { email, password: randomPassword(), userMetadata: body.data ?? {} });
    if (!user.email_confirmed_at && !settings.confirmations) await confirmUser(tx, user);
    const kind = user.email_confirmed_at || !settings.confirmations ? "magiclink" : "signup";
    await sendMail(tx, services, request, { user, kind, challenge });
  });
  return Response.json({});
}

/** `POST /recover`: mails a link that leads to a new password, and says nothing about who exists. */
export async function recover(services: AuthServices, request: AuthRequest): Promise<Response> {
  const body = await request.body(recoverBody);
  if (!body.email) throw invalid("Password recovery requires an email");
  const challenge = challengeOf(body);
  const user = await findUser(services.sql, { email: validEmail(body.email) });
  if (user) {
    await services.sql.begin((tx) => sendMail(tx, services, request, { user, kind: "recovery", challenge }));
  }
  return Response.json({});
}

/** `POST /signup`: a user with a password; a session at once where addresses need no confirmation. */
export async function signUp(services: AuthServices, request: AuthRequest): Promise<Response> {
  const { sql, settings, tokens } = services;
  const body = await request.body(signUpBody);
  if (!settings.signUps) throw signUpsDisabled();
  if (!body.email) throw new AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
  const email = validEmail(body.email);
  if (!body.password) throw invalid("Signup requires a valid password");
  requireStrength(body.password, settings.minimumPasswordLength);
  const challenge = challengeOf(body);
  const known = await findUser(sql, { email });
  if (known) return signUpAgain(services, request, { user: known, challenge });

  const confirmed = !settings.confirmations;
  const { password } = body;
  return await sql.begin(async (tx) => {
    const user = await createUser(tx, { email, password, userMetadata: body.data ?? {}, confirmed });
    if (confirmed) {
      const { origin } = request;
      return Response.json(await beginSession(tx, tokens, { user, method: "password", origin }));
    }
    await sendMail(tx, services, request, { user, kind: "signup", challenge });
    return Response.json(userBody(await reloaded(tx, user.id)));
  });
}

/** Somebody who has not confirmed yet gets another mail. Nobody learns that an address is taken, unless nobody has to confirm. */
async function signUpAgain(
  services: AuthServices,
  request: AuthRequest,
  { user, challenge }: { user: UserRow; challenge: Challenge | null },
): Promise<Response> {
  if (!services.settings.confirmations) {
    throw new AuthError(422, "user_already_exists", "User already registered");
  }
  if (user.email_confirmed_at) return Response.json(lookAlike(user));
  return await services.sql.begin(async (tx) => {
    await sendMail(tx, services, request, { user, kind: "signup", challenge });
    return Response.json(userBody(await reloaded(tx, user.id)));
  });
}

/** What somebody new with this address would see. */
function lookAlike(user: UserRow): Record<string, unknown> {
  const now = new Date();
  return {
    ...userBody({
      ...user,
      id: crypto.randomUUID(),
      email_confirmed_at: null,
      confirmed_at: null,
      invited_at: null,
      recovery_sent_at: null,
      last_sign_in_at: null,
      banned_until: null,
      confirmation_sent_at: now,
      raw_app_meta_data: { provider: "email", providers: ["email"] },
      raw_user_meta_data: {},
      identities: [],
      created_at: now,
      updated_at: now,
    }),
    role: "",
  };
}

/** `POST /invite`: creates a user and mails them a link to come in. Source: internal/api/invite.go. */
export async function invite(services: AuthServices, request: AuthRequest): Promise<Response> {
  const body = await request.body(inviteBody);
  const email = validEmail(body.email);
  const known = await findUser(services.sql, { email });
  if (known?.email_confirmed_at) throw emailExists();
  const userMetadata: Metadata = body.data ?? {};
  return await services.sql.begin(async (tx) => {
    const user = known ?? await createUser(tx, { email, userMetadata });
    await sendMail(tx, services, request, { user, kind: "invite", challenge: null });
    return Response.json(userBody(await reloaded(tx, user.id)));
  });
}

async function sendMail(
  tx: TransactionSql,
  { mailer, settings }: AuthServices,
  { redirectTo }: AuthRequest,
  { user, kind, challenge }: { user: UserRow; kind: MailKind; challenge: Challenge | null },
): Promise<void> {
  if (challenge) await keepChallenge(tx, { userId: user.id, kind, challenge });
  const token = await issueToken(tx, { user, kind, isPkce: challenge !== null, settings });
  await mailer.send({ to: user.email ?? "", kind, token, redirectTo });
}

function signUpsDisabled(): AuthError {
  return new AuthError(422, "signup_disabled", "Signups not allowed for this instance");
}
