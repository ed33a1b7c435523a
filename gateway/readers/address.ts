import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIPv4, isIPv6 } from "node:net";

const GROUPS_OF_SUBSCRIBER = 4;

export interface AddressSetup {
  /** Header in which a trusted proxy names the client; `null`: whoever connects is the client. */
  header: string | null;
  /** Keeps the hash from being one of the few billion addresses that anybody can hash. */
  secret: string;
}

/**
 * A keyed hash of the client's address, for rate limits that keep no addresses; `null` if it is not known. Of a list in the
 * header the last element counts: the trusted proxy wrote it. Of IPv6 the 64 bits that one subscriber has.
 */
export function addressHash(request: IncomingMessage, { header, secret }: AddressSetup): string | null {
  const named = header === null ? request.socket.remoteAddress : request.headers[header];
  const address = String(named ?? "").split(",").at(-1)?.trim().replace(/^::ffff:(?=\d+\.)/i, "") ?? "";
  const part = isIPv4(address) ? address : isIPv6(address) ? networkOf(address) : null;
  return part === null ? null : createHmac("sha256", secret).update(part).digest("hex");
}

function networkOf(address: string): string {
  const [before = "", after] = address.toLowerCase().split("%")[0]?.split("::") ?? [];
  const left = before === "" ? [] : before.split(":");
  const right = after ? after.split(":") : [];
  const zeros = after === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(zeros).fill("0"), ...right].slice(0, GROUPS_OF_SUBSCRIBER)
    .map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}
