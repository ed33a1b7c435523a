import type { Extension, ReadPolicies } from "../auth/policies.ts";
import type { Claims } from "../auth/token.ts";
import { RealtimeError } from "../errors.ts";
import type { Services } from "../services.ts";
import type { Address } from "./registry.ts";

const LONGEST_CHECK_INTERVAL_MS = 5 * 60 * 1000;
const PUBLIC: ReadPolicies = { broadcast: true, presence: true };

interface AccessParts {
  services: Services;
  address: Address;
  /** Headers of the connection, for policies. */
  headers: Record<string, string>;
  /** Whether the channel uses presence. */
  presence: boolean;
}

interface Grant {
  token: string;
  claims: Claims;
  policies: ReadPolicies;
}

/** What a channel's token allows, for as long as the token lives. */
export class ChannelAccess {
  readonly #parts: AccessParts;
  #grant: Grant;
  #writable: Partial<Record<Extension, boolean>> = {};
  #cancelCheck: () => void = () => undefined;

  private constructor(parts: AccessParts, grant: Grant) {
    this.#parts = parts;
    this.#grant = grant;
  }

  /** Verifies a token and, for private topics, asks the policies; rejects with a `RealtimeError`. */
  static async of(parts: AccessParts, token: string): Promise<ChannelAccess> {
    return new ChannelAccess(parts, await grantFor(parts, token));
  }

  get reads(): ReadPolicies {
    return this.#grant.policies;
  }

  /** Asks for presence too, where the join did not. Rejects with a `RealtimeError`. */
  async includePresence(): Promise<void> {
    if (this.#parts.presence) return;
    this.#parts.presence = true;
    this.#grant = await grantFor(this.#parts, this.#grant.token);
  }

  /** Asked of Postgres at the first try and remembered until a new token comes. */
  async mayWrite(extension: Extension): Promise<boolean> {
    const { services, address, headers } = this.#parts;
    if (!address.private) return true;
    const known = this.#writable[extension];
    if (known !== undefined) return known;
    const context = { topic: address.topic, claims: this.#grant.claims, headers };
    const allowed = await services.authorizer.write(context, extension);
    this.#writable[extension] = allowed;
    return allowed;
  }

  /**
   * Takes a client's new token; what is none (nothing, a project key, the same again) changes nothing.
   * Rejects with a `RealtimeError` when the new one does not allow what the old one did.
   */
  async renew(token: unknown): Promise<void> {
    if (typeof token !== "string" || token.startsWith("sb_") || token === this.#grant.token) return;
    const grant = await grantFor(this.#parts, token);
    const { policies: before } = this.#grant;
    if ((before.broadcast && !grant.policies.broadcast) || (before.presence && !grant.policies.presence)) {
      const { topic } = this.#parts.address;
      throw new RealtimeError(
        "Unauthorized",
        `You no longer have permission to read from this Channel topic: ${topic}`,
      );
    }
    this.#grant = grant;
    this.#writable = {};
  }

  /** Calls `check` once, when the token expires or in five minutes, whatever comes first. */
  scheduleCheck(check: () => void): void {
    this.#cancelCheck();
    const { clock } = this.#parts.services;
    const untilExpiry = Math.max(this.#grant.claims.exp * 1000 - clock.now(), 1);
    this.#cancelCheck = clock.after(Math.min(untilExpiry, LONGEST_CHECK_INTERVAL_MS), check);
  }

  /** Rejects with a `RealtimeError` once the token has expired. */
  async check(): Promise<void> {
    await this.#parts.services.verifyToken(this.#grant.token);
  }

  end(): void {
    this.#cancelCheck();
  }
}

async function grantFor(
  { services, address, headers, presence }: AccessParts,
  token: string,
): Promise<Grant> {
  const claims = await services.verifyToken(token);
  if (!address.private) return { token, claims, policies: PUBLIC };

  const context = { topic: address.topic, claims, headers };
  const policies = await services.authorizer.read(context, { presence }).catch((error: unknown) => {
    if (!(error instanceof RealtimeError) || error.code !== "RlsPolicyError") throw error;
    services.log(`realtime: ${error.reason}`);
    return { broadcast: false, presence: false };
  });
  if (policies.broadcast || policies.presence) return { token, claims, policies };
  throw mayNotRead(address.topic);
}

export function mayNotRead(topic: string): RealtimeError {
  return new RealtimeError(
    "Unauthorized",
    `You do not have permissions to read from this Channel topic: ${topic}`,
  );
}
