import { createHmac } from "node:crypto";
import { environment } from "../environment.ts";
import type { Call } from "../http/endpoint.ts";
import { bearerToken } from "../http/request.ts";
import { subscriberPart } from "../net/addresses.ts";
import { derivedKey, type Session, verifySession } from "./session.ts";

/**
 * The caller's session, noted for the log. Throws `missing_session`, `expired_session` or `invalid_session`.
 */
export async function requireSession(request: Request, call: Call): Promise<Session> {
  const key = derivedKey(environment().sessionSecret, "session");
  const session = await verifySession(bearerToken(request), key, call.startedAt);
  call.notes.agentId = session.agentId;
  return session;
}

/**
 * A keyed hash of the client's address, for rate limits that keep no addresses; `null` if the address is not
 * known. Of a list the last element counts: the trusted proxy wrote it, those before it may be made up.
 */
export function addressHash(
  request: Request,
  { addressHeader, secretKey }: { addressHeader: string | null; secretKey: string },
): string | null {
  if (addressHeader === null) return null;
  const address = request.headers.get(addressHeader)?.split(",").at(-1)?.trim() ?? "";
  const part = subscriberPart(address);
  if (part === null) return null;
  return createHmac("sha256", derivedKey(secretKey, "address")).update(part).digest("hex");
}
