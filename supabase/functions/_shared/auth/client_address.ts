import { createHmac } from "node:crypto";
import { subscriberPart } from "../net/addresses.ts";
import { derivedKey } from "./derived_key.ts";

/**
 * A keyed hash of the client's address, for rate limits that keep no addresses; `null` if the address is not known. Of a list the last
 * element counts: the trusted proxy wrote it, those before it may be made up.
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
