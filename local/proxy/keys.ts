import { type JWTPayload, jwtVerify, SignJWT } from "jose";

const TEN_YEARS = "10y";

export interface LocalKeys {
  publishable: string;
  secret: string;
  jwtSecret: string;
  /** The legacy JWT of role `anon`, which stands behind the publishable key. */
  anonJwt: string;
  /** The legacy JWT of role `service_role`, which stands behind the secret key. */
  serviceRoleJwt: string;
}

export async function createLocalKeys(
  { publishable, secret, jwtSecret }: { publishable: string; secret: string; jwtSecret: string },
): Promise<LocalKeys> {
  const sign = (role: string) =>
    new SignJWT({ iss: "supabase-demo", role })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setExpirationTime(TEN_YEARS)
      .sign(new TextEncoder().encode(jwtSecret));
  const [anonJwt, serviceRoleJwt] = await Promise.all([sign("anon"), sign("service_role")]);
  return { publishable, secret, jwtSecret, anonJwt, serviceRoleJwt };
}

/**
 * The JWT that stands for a caller, by the rule of Supabase's API proxy: an `Authorization` that is not an
 * `sb_…` key passes as it is; otherwise `apikey` (header or query) decides. `null` without any key.
 */
export function callerToken(request: Request, keys: LocalKeys): string | null {
  const authorization = request.headers.get("authorization");
  if (authorization && !/^bearer sb_/i.test(authorization)) return authorization.replace(/^bearer\s+/i, "");
  const key = request.headers.get("apikey") ?? new URL(request.url).searchParams.get("apikey") ??
    authorization?.replace(/^bearer\s+/i, "") ?? null;
  if (key === keys.publishable) return keys.anonJwt;
  if (key === keys.secret) return keys.serviceRoleJwt;
  return key;
}

/** Claims of a caller's JWT, or `null` if it is not one of this project's or has expired. */
export async function verifiedClaims(token: string, keys: LocalKeys): Promise<JWTPayload | null> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(keys.jwtSecret), {
      algorithms: ["HS256"],
    });
    return payload;
  } catch {
    return null;
  }
}

/** The refusal of a request whose `apikey` (header or query) is missing or not this project's; `null` for every other. */
export async function refuseWithoutKey(request: Request, keys: LocalKeys): Promise<Response | null> {
  const key = request.headers.get("apikey") ?? new URL(request.url).searchParams.get("apikey");
  if (!key) {
    const hint = "No `apikey` request header or url param was found.";
    return Response.json({ message: "No API key found in request", hint }, { status: 401 });
  }
  if (key === keys.publishable || key === keys.secret || await verifiedClaims(key, keys)) return null;
  const hint = "Double check the provided API key";
  return Response.json({ message: "Invalid API key", hint }, { status: 401 });
}
