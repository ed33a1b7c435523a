const PREFIX = "/realtime/v1";

/**
 * What a public path asks of Realtime: `/websocket` or `/api/…`; `null` for one that is not Realtime's. Behind Supabase's
 * proxy both lie under `/realtime/v1`; a server without one has them at `/socket/websocket` and `/api/…`.
 */
export function realtimePath(pathname: string): string | null {
  if (pathname.startsWith(`${PREFIX}/`)) return pathname.slice(PREFIX.length);
  if (pathname === "/socket/websocket") return "/websocket";
  return pathname.startsWith("/api/") ? pathname : null;
}
