const UNAVAILABLE = 503;
/** Statuses with which Auth refuses a session for good. */
const REFUSALS: readonly (number | undefined)[] = [400, 401, 403];

/** Whether Auth says by this status that there is no such session; anything else says nothing of it. */
export function isRefused({ status }: { status?: number }): boolean {
  return REFUSALS.includes(status);
}

/**
 * An answer of Auth as its client is to take it. The client signs out at any answer to a refresh that is not of a few statuses, such
 * as 429: what is no refusal of Auth's own becomes a 503, which it tries again. It also compares `expires_at`, the server's time,
 * with this computer's clock, and refreshes without end where that is ahead: without it, it reckons from `expires_in`.
 */
export async function authAnswer(url: string, answer: Response): Promise<Response> {
  const { pathname, searchParams } = new URL(url);
  if (!pathname.endsWith("/auth/v1/token")) return answer;
  const body: unknown = await answer.clone().json().catch(() => null);
  if (answer.ok) return typeof body === "object" && body ? withoutClock(body, answer) : answer;
  if (searchParams.get("grant_type") !== "refresh_token") return answer;
  return isRefused(answer) && hasCode(body) ? answer : Response.json({}, { status: UNAVAILABLE });
}

function withoutClock(body: object, { status, headers }: Response): Response {
  const { expires_at: at, ...session } = body as { expires_at?: number; expires_in?: number };
  const isReckoned = at === undefined || session.expires_in !== undefined;
  const kept = new Headers(headers);
  kept.delete("content-length");
  kept.delete("content-encoding");
  return Response.json(isReckoned ? session : body, { status, headers: kept });
}

/** As Auth has them; what stands before it, such as a gateway, has none. */
function hasCode(body: unknown): boolean {
  const { error_code: named, code, error } = Object(body) as Record<string, unknown>;
  return [named, code, error].some((each) => typeof each === "string");
}
