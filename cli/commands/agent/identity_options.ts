import { type Identity, IDENTITY_ALGORITHMS } from "../../../shared/identity_provider.ts";
import type { Input, Option } from "../../command.ts";
import { usageError } from "../../errors.ts";
import { oneOf } from "../input.ts";

const SETTINGS = ["issuer", "jwks-url", "audience"];

/** How visitors are identified: an agent's `identity`. */
export const IDENTITY_OPTIONS: Record<string, Option> = {
  "identity": {
    type: "string",
    value: "KIND",
    help:
      "who signs user tokens: hs256 (your backend, with the signing secret) or jwks (an identity provider)",
  },
  "issuer": {
    type: "string",
    value: "TEXT",
    help: "the provider's name, as iss has it; makes the identity jwks",
  },
  "jwks-url": { type: "string", value: "URL", help: "where the provider publishes its keys" },
  "audience": { type: "string", value: "TEXT", help: "your site's client id there, as aud has it" },
  "alg": {
    type: "string",
    multiple: true,
    value: "ALG",
    help: `what the provider signs with, repeatable: ${IDENTITY_ALGORITHMS.join(", ")}`,
  },
};

/** The identity that was given; `null` if none was. A provider needs all settings: none has a safe default. */
export function identityIn(input: Input): Identity | null {
  const given = SETTINGS.filter((name) => input.text(name) !== undefined);
  const algs = input.texts("alg").map((alg) => oneOf(alg, IDENTITY_ALGORITHMS, "--alg"));
  const isProvider = given.length > 0 || algs.length > 0;
  const kind = input.text("identity") ?? (isProvider ? "jwks" : undefined);
  if (kind === undefined) return null;
  if (oneOf(kind, ["hs256", "jwks"], "--identity") === "hs256") {
    if (isProvider) throw usageError("--identity hs256 takes no settings of a provider.");
    return { provider: "hs256" };
  }
  const missing = [...SETTINGS.filter((name) => !input.text(name)), ...(algs.length > 0 ? [] : ["alg"])];
  if (missing.length > 0) {
    throw usageError(
      `A provider needs all of --issuer, --jwks-url, --audience and --alg: missing ${
        missing.map((name) => `--${name}`).join(", ")
      }.`,
    );
  }
  const [issuer = "", jwksUrl = "", audience = ""] = SETTINGS.map((name) => input.text(name));
  if (!URL.canParse(jwksUrl) || !/^https?:\/\//.test(jwksUrl)) {
    throw usageError("--jwks-url must be a URL that begins with https://.");
  }
  const { username, password } = new URL(jwksUrl);
  if (username || password) throw usageError("--jwks-url must not hold a user name or password.");
  return { provider: "jwks", issuer, jwksUrl, audience, algs: [...new Set(algs)] };
}
