/** Where answers to mails come in, from the functions' secrets. */
export interface InboundSettings {
  /** Whatever is sent to it comes to `mail-inbound`. */
  domain: string;
  /** With which the mails are signed; several while one is replaced. */
  secrets: string[];
}

type Get = (name: string) => string | undefined;

/**
 * `HEDDLE_INBOUND_DOMAIN` with `HEDDLE_INBOUND_SECRET`, one or more `whsec_…` with commas between. `null` if nothing is set.
 * Throws, naming the variable but never its value, if one is broken or missing.
 */
export function readInboundSettings(get: Get): InboundSettings | null {
  const domain = (get("HEDDLE_INBOUND_DOMAIN") ?? "").trim().toLowerCase();
  const secrets = (get("HEDDLE_INBOUND_SECRET") ?? "").split(",").map((each) => each.trim()).filter(Boolean);
  if (domain === "" && secrets.length === 0) return null;
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,188}[a-z0-9])?$/.test(domain)) {
    throw new Error(
      "HEDDLE_INBOUND_DOMAIN must be the domain that takes answers, such as reply.shop.example",
    );
  }
  if (secrets.length === 0 || !secrets.every((each) => /^whsec_[A-Za-z0-9+/]{22,}={0,2}$/.test(each))) {
    throw new Error("HEDDLE_INBOUND_SECRET must be the secret of the provider's webhook: whsec_ and base64");
  }
  return { domain, secrets };
}

/** The domain alone, for mails that go out: `null` also where the settings are broken, which must not hold up any mail. */
export function inboundDomain(get: Get, onProblem: (error: unknown) => void): string | null {
  try {
    return readInboundSettings(get)?.domain ?? null;
  } catch (error) {
    onProblem(error);
    return null;
  }
}
