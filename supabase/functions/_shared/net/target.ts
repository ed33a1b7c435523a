import { isAddress, isPublicAddress } from "./addresses.ts";
import { SourceFailure } from "../sources/webhook/failure.ts";

const EXCEPTION = ", unless HEDDLE_ALLOW_PRIVATE_WEBHOOKS names its host";

/** The addresses of a host name, IPv4 and IPv6; an empty list if it has none. Rejects if no answer came. */
export type Resolve = (hostname: string, signal: AbortSignal) => Promise<string[]>;

export interface TargetRules {
  /** `host` or `host:port`, lowercase: these may use http and private addresses. */
  privateHosts: readonly string[];
  resolve: Resolve;
}

/**
 * Refuses a URL of an owner's that could reach something other than a public server: only https, and only names and addresses that are
 * public unicast. A name may resolve differently a moment later, when the request is made: that gap stays.
 * `what` names it to the owner. Throws `SourceFailure`.
 */
export async function checkTarget(
  url: URL,
  rules: TargetRules,
  signal: AbortSignal,
  what = "webhook",
): Promise<void> {
  if (url.username !== "" || url.password !== "") {
    throw new SourceFailure("target_refused", `The ${what} URL must not hold a user name or password.`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new SourceFailure("target_refused", `The ${what} URL must use https.`);
  }
  if (rules.privateHosts.includes(url.hostname) || rules.privateHosts.includes(hostAndPort(url))) return;
  if (url.protocol !== "https:") {
    throw new SourceFailure("target_refused", `The ${what} URL must use https${EXCEPTION}.`);
  }
  const addresses = await addressesOf(url.hostname, rules.resolve, signal, what);
  if (!addresses.every(isPublicAddress)) {
    throw new SourceFailure(
      "target_refused",
      `The ${what}'s host must have public addresses only${EXCEPTION}.`,
    );
  }
}

async function addressesOf(
  hostname: string,
  resolve: Resolve,
  signal: AbortSignal,
  what: string,
): Promise<string[]> {
  const literal = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isAddress(literal)) return [literal];
  if (/(?:^|\.)localhost\.?$/.test(hostname)) {
    throw new SourceFailure(
      "target_refused",
      `The ${what}'s host must have public addresses only${EXCEPTION}.`,
    );
  }
  const addresses = await resolve(hostname, signal).catch((cause: unknown) => {
    if (signal.aborted) throw signal.reason;
    throw new SourceFailure("unreachable", `The ${what}'s host name could not be resolved.`, { cause });
  });
  if (addresses.length === 0) {
    throw new SourceFailure("unreachable", `The ${what}'s host name has no address.`);
  }
  return addresses;
}

function hostAndPort(url: URL): string {
  const standardPort = url.protocol === "https:" ? "443" : "80";
  return `${url.hostname}:${url.port || standardPort}`;
}

/** The part of `Deno` that asks the name servers. */
export interface NameRuntime {
  resolveDns(query: string, recordType: "A" | "AAAA", options: { signal: AbortSignal }): Promise<string[]>;
  errors: { NotFound: new () => Error };
}

/** Finds the A and AAAA records of a name, by the runtime's own resolver. */
export function createResolve({ resolveDns, errors }: NameRuntime): Resolve {
  async function records(hostname: string, type: "A" | "AAAA", signal: AbortSignal): Promise<string[]> {
    try {
      return await resolveDns(hostname, type, { signal });
    } catch (error) {
      // Also what a name with records of the other type only gives.
      if (error instanceof errors.NotFound) return [];
      throw error;
    }
  }

  return async (hostname, signal) => {
    const answers = await Promise.all([records(hostname, "A", signal), records(hostname, "AAAA", signal)]);
    return answers.flat();
  };
}
