import type { ReadPolicies } from "../auth/policies.ts";
import { RealtimeError } from "../errors.ts";
import type { Services } from "../services.ts";
import type { AuthorizeRead } from "./channel.ts";
import type { Address } from "./registry.ts";

const PUBLIC: ReadPolicies = { broadcast: true, presence: true };

/** Verifies a token and, for private topics, asks the policies. `headers` are those of the connection. */
export function createAuthorizeRead(services: Services, headers: Record<string, string>): AuthorizeRead {
  const { verifyToken, authorizer } = services;

  return async (token, address, presence) => {
    const claims = await verifyToken(token);
    if (!address.private) return { claims, policies: PUBLIC };
    const context = { topic: address.topic, claims, headers };
    const policies = await authorizer.read(context, { presence }).catch((error: unknown) => {
      const failedInPolicy = error instanceof RealtimeError && error.code === "RlsPolicyError";
      throw failedInPolicy ? unauthorized(address, error) : error;
    });
    if (!policies.broadcast && !policies.presence) throw unauthorized(address);
    return { claims, policies };
  };
}

function unauthorized({ topic }: Address, cause?: unknown): RealtimeError {
  const error = new RealtimeError(
    "Unauthorized",
    `You do not have permissions to read from this Channel topic: ${topic}`,
  );
  error.cause = cause;
  return error;
}
