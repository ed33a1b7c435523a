/** How long connections live: a day with a project key, and ten minutes without a channel. */
import { expiredAt, type VerifyToken } from "./auth/token.ts";
import type { Clock } from "./clock.ts";
import type { Settings } from "./settings.ts";

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

/** A connection, as far as its channels go. */
export interface Reapable {
  /** Whether it has no channel now, and has had one or has been open for so many milliseconds. */
  isIdle(openMs: number): boolean;
  drop(): void;
}

/**
 * Ends connections without a joined channel at every tick. Returns how to stop that.
 * Source: supabase/realtime, lib/realtime_web/channels/realtime_channel/tracker.ex.
 */
export function startReaper(
  { sockets, clock, settings }: { sockets: Iterable<Reapable>; clock: Clock; settings: Settings },
): () => void {
  let cancel = schedule();
  return () => cancel();

  function schedule() {
    const { noChannelMs } = settings;
    return clock.after(noChannelMs, () => {
      for (const socket of [...sockets].filter((each) => each.isIdle(noChannelMs))) socket.drop();
      cancel = schedule();
    });
  }
}
