import { expiredAt } from "./token.ts";
import type { VerifyToken } from "./token.ts";

/**
 * Whether a connection was opened with a project key, which is no token: the proxy puts a token in its place that
 * lives for a day. Source: supabase.com/docs/guides/api/api-keys.
 */
export function isOpenedWithKey(request: Request): boolean {
  if (request.headers.has("authorization")) return false;
  const key = request.headers.get("apikey") ?? new URL(request.url).searchParams.get("apikey");
  return key?.startsWith("sb_") ?? false;
}

/** Verifies tokens as `verify` does, and takes the connection's own for expired when `endsAt` (milliseconds) has come. */
export function withKeyLife(
  verify: VerifyToken,
  { token, endsAt, now }: { token: string; endsAt: number; now(): number },
): VerifyToken {
  const exp = Math.floor(endsAt / 1000);
  return async (given) => {
    const claims = await verify(given);
    if (given !== token || claims.exp <= exp) return claims;
    const nowS = Math.floor(now() / 1000);
    if (exp <= nowS) throw expiredAt(exp, nowS);
    return { ...claims, exp };
  };
}
