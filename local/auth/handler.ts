/**
 * Supabase Auth at its public interface: what `@supabase/supabase-js` needs to sign users of a project in with a password or a
 * mail, and what a server needs to manage them. Source of every answer: https://github.com/supabase/auth.
 */
import type { JWK } from "jose";
import { AuthError, errorAnswer, unexpectedFailure } from "./answers.ts";
import { adminChange, adminCreate, adminDelete, adminList, adminShow } from "./endpoints/admin.ts";
import { invite, otp, recover, signUp } from "./endpoints/mails.ts";
import { token } from "./endpoints/token.ts";
import { changeUser, logOut, showUser } from "./endpoints/user.ts";
import { followLink, verify } from "./endpoints/verify.ts";
import { createRateLimit } from "./limits.ts";
import { type AuthRequest, type AuthServices, readRequest } from "./request.ts";

type Endpoint = (services: AuthServices, request: AuthRequest) => Promise<Response>;

interface Route {
  answer: Endpoint;
  /** Spends one of the address's requests of this kind. */
  limit?: "token" | "mail" | "verify";
  /** For tokens of `service_role` alone. */
  admin?: true;
}

/** By method and path; `{id}` stands for a user's id. */
const ROUTES: Record<string, Route> = {
  "POST /token": { answer: token, limit: "token" },
  "POST /signup": { answer: signUp, limit: "mail" },
  "POST /otp": { answer: otp, limit: "mail" },
  "POST /magiclink": { answer: otp, limit: "mail" },
  "POST /recover": { answer: recover, limit: "mail" },
  "GET /verify": { answer: followLink, limit: "verify" },
  "POST /verify": { answer: verify, limit: "verify" },
  "GET /user": { answer: showUser },
  "PUT /user": { answer: changeUser },
  "POST /logout": { answer: logOut },
  "POST /invite": { answer: invite, admin: true },
  "GET /admin/users": { answer: adminList, admin: true },
  "POST /admin/users": { answer: adminCreate, admin: true },
  "GET /admin/users/{id}": { answer: adminShow, admin: true },
  "PUT /admin/users/{id}": { answer: adminChange, admin: true },
  "DELETE /admin/users/{id}": { answer: adminDelete, admin: true },
};
const NAMED_USER = /^(?<path>\/admin\/users)\/(?<userId>[^/]+)$/;

export interface AuthOptions extends AuthServices {
  /** Keys whose public halves are published: those of `[auth] signing_keys_path`. */
  signingKeys: JWK[];
  now(): number;
  log(line: string): void;
}

export interface AuthCall {
  /** Below `/auth/v1`. */
  path: string;
  /** The caller's JWT. */
  token: string | null;
  address: string;
}

export type AuthHandler = (request: Request, call: AuthCall) => Promise<Response>;

export function createAuthHandler({ signingKeys, now, log, ...services }: AuthOptions): AuthHandler {
  const { limits } = services.settings;
  const limit = {
    token: createRateLimit(limits.token, now),
    mail: createRateLimit(limits.mail, now),
    verify: createRateLimit(limits.verify, now),
  };
  const documents: Record<string, unknown> = {
    "/health": {
      version: "local",
      name: "GoTrue",
      description: "GoTrue is a user registration and authentication API",
    },
    "/settings": settingsBody(services),
    "/.well-known/jwks.json": { keys: signingKeys.filter(({ kty }) => kty !== "oct").map(publicHalf) },
  };

  return async (request, { path, token, address }) => {
    try {
      if (request.method === "GET" && Object.hasOwn(documents, path)) return Response.json(documents[path]);
      const { path: users, userId = "" } = NAMED_USER.exec(path)?.groups ?? {};
      const name = `${request.method} ${users ? `${users}/{id}` : path}`;
      const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
      if (!route) return Response.json({ code: 404, msg: "404 page not found" }, { status: 404 });
      if (route.limit) limit[route.limit](request);
      if (route.admin) await requireAdmin(services, token);
      return await route.answer(services, readRequest(request, { address, token, userId }, services));
    } catch (error) {
      const refusal = error instanceof AuthError ? error : unexpectedFailure();
      if (refusal.status >= 500) log(`auth: ${request.method} ${path}: ${reasonOf(error)}`);
      return errorAnswer(refusal, request);
    }
  };
}

async function requireAdmin({ tokens }: AuthServices, token: string | null): Promise<void> {
  if (!token) throw new AuthError(401, "no_authorization", "This endpoint requires a Bearer token");
  const { role } = await tokens.verify(token);
  if (role !== "service_role") throw new AuthError(403, "not_admin", "User not allowed");
}

function settingsBody({ settings }: AuthServices): Record<string, unknown> {
  return {
    external: { anonymous_users: false, email: true, phone: false },
    disable_signup: !settings.signUps,
    mailer_autoconfirm: !settings.confirmations,
    phone_autoconfirm: false,
    sms_provider: "",
    saml_enabled: false,
  };
}

function publicHalf({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, key_ops: _ops, ...key }: JWK): JWK {
  return { ...key, key_ops: ["verify"] };
}

/** Not its details: a row that Postgres refuses may hold what a user typed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { message, cause } = error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
