import { within } from "../http/in_time.ts";
import { isAddress, isPublicAddress } from "./addresses.ts";

const EXCEPTION = ", unless HEDDLE_ALLOW_PRIVATE_WEBHOOKS names its host";

/** The addresses of a host name, IPv4 and IPv6; an empty list if it has none. Rejects if no answer came. */
export type Resolve = (hostname: string, signal: AbortSignal) => Promise<string[]>;

export interface TargetRules {
  /** `host` or `host:port`, lowercase: these may use http and private addresses. */
  privateHosts: readonly string[];
  resolve: Resolve;
}

/** Why a URL is not called; `detail` is for the owner. */
export interface TargetProblem {
  kind: "target_refused" | "unreachable";
  detail: string;
}

/**
 * What is wrong with a URL that was given from outside, or `null` if it may be called. It must use https, and its host must
 * have public unicast addresses only. A name may resolve differently a moment later, when the request is
 * made: that gap stays. `what` names the URL to the owner, `exception` says how they may allow it. Throws the signal's reason
 * once that is aborted.
 */
export async function targetProblem(
  url: URL,
  rules: TargetRules,
  signal: AbortSignal,
  what = "webhook",
  exception = EXCEPTION,
): Promise<TargetProblem | null> {
  if (url.username !== "" || url.password !== "") {
    return refused(`The ${what} URL must not hold a user name or password.`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return refused(`The ${what} URL must use https.`);
  }
  if (isExempt(url, rules)) return null;
  if (url.protocol !== "https:") return refused(`The ${what} URL must use https${exception}.`);

  const notPublic = refused(`The ${what}'s host must have public addresses only${exception}.`);
  const literal = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isAddress(literal)) return isPublicAddress(literal) ? null : notPublic;
  if (/(?:^|\.)localhost\.?$/.test(url.hostname)) return notPublic;
  let addresses: string[];
  try {
    addresses = await within(signal, rules.resolve(url.hostname, signal));
  } catch {
    signal.throwIfAborted();
    return { kind: "unreachable", detail: `The ${what}'s host name could not be resolved.` };
  }
  if (addresses.length === 0) {
    return { kind: "unreachable", detail: `The ${what}'s host name has no address.` };
  }
  return addresses.every(isPublicAddress) ? null : notPublic;
}

/** Whether it may use http and private addresses. */
export function isExempt(url: URL, { privateHosts }: Pick<TargetRules, "privateHosts">): boolean {
  return privateHosts.includes(url.hostname) || privateHosts.includes(hostAndPort(url));
}

function refused(detail: string): TargetProblem {
  return { kind: "target_refused", detail };
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
