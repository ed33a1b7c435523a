/**
 * What a project's key is, where it may only be a publishable one: `"a secret key"` or `"the service_role key"`; `null` for
 * every other text. The key is read, never used: one that a project has revoked counts too.
 */
export function secretIn(key: string): "a secret key" | "the service_role key" | null {
  if (key.startsWith("sb_secret_")) return "a secret key";
  return roleIn(key) === "service_role" ? "the service_role key" : null;
}

/** The claim `role` of a key that is a JWT, as a project's older keys are. */
export function roleIn(key: string): string | undefined {
  const [, claims] = key.split(".");
  if (claims === undefined) return undefined;
  try {
    const { role } = Object(JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))));
    return typeof role === "string" ? role : undefined;
  } catch {
    return undefined; // no JWT
  }
}

/** The headers that carry a project's key: only keys that are JWTs travel in `authorization` as well. */
export function keyHeaders(key: string): Record<string, string> {
  return { apikey: key, ...(key.startsWith("sb_") ? {} : { authorization: `Bearer ${key}` }) };
}
