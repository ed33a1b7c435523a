import { SignJWT } from "jose";
import { LOCAL_JWT_SECRET } from "../../../local/config.ts";

export const HOUR_S = 60 * 60;

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** A token of this project; give `exp` as seconds since the epoch to have it expire sooner than in an hour. */
export function tokenFor(role: string, claims: Record<string, unknown> = {}): Promise<string> {
  return sign({ role, exp: nowInSeconds() + HOUR_S, ...claims });
}

export function sign(claims: Record<string, unknown>, secret = LOCAL_JWT_SECRET): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(secret));
}
