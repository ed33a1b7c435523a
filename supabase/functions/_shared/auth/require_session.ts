import { environment } from "../environment.ts";
import { bearerToken } from "../http/request.ts";
import type { Call } from "../http/endpoint.ts";
import { derivedKey } from "./derived_key.ts";
import { type Session, verifySession } from "./session.ts";

/** The caller's session, noted for the log. Throws `missing_session`, `expired_session` or `invalid_session`. */
export async function requireSession(request: Request, call: Call): Promise<Session> {
  const key = derivedKey(environment().sessionSecret, "session");
  const session = await verifySession(bearerToken(request), key, call.startedAt);
  call.notes.agentId = session.agentId;
  return session;
}
