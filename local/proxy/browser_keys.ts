import { decodeJwt } from "jose";
import type { LocalKeys } from "./keys.ts";
import { isFromForeignPage } from "./origins.ts";

const SERVICE_ROLE = "service_role";
/** How Supabase recognises a browser; a page can't leave out `Origin`, whatever its browser calls itself. */
const BROWSER = /Mozilla\//;

/**
 * The refusal of a secret key, or a token of `service_role`, that comes from a web page; `null` for every other request. The
 * local keys are known to everybody: without it any page open in the developer's browser could use this project.
 * Source: https://supabase.com/docs/guides/api/api-keys, for the answer that of the hosted proxy.
 */
export function refuseSecretInBrowser(request: Request, keys: LocalKeys): Response | null {
  if (!isFromBrowser(request) || !credentials(request).some((key) => isSecret(key, keys))) return null;
  return Response.json({
    message: "Forbidden use of secret API key in browser",
    hint:
      "Secret API keys can only be used in a protected environment and should never be used in a browser. " +
      "Delete this secret API key immediately!",
  }, { status: 401, headers: { "sb-error-code": "UNAUTHORIZED_INVALID_API_KEY_TYPE" } });
}

/**
 * Whose tokens may be brought on a connection to Realtime, in its messages as well, where only Realtime sees them: a browser's
 * none of `service_role`, and a page of elsewhere those of `anon` alone, which is all that a visitor's page needs.
 */
export function rolesAllowedTo(request: Request): (role: string) => boolean {
  if (isFromForeignPage(request)) return (role) => role === "anon";
  return isFromBrowser(request) ? (role) => role !== SERVICE_ROLE : () => true;
}

function isFromBrowser({ headers }: Request): boolean {
  return headers.has("origin") || BROWSER.test(headers.get("user-agent") ?? "");
}

/** Whatever is in a place where one of the parts looks for a key. */
function credentials({ headers, url }: Request): string[] {
  const query = new URL(url).searchParams.getAll("apikey");
  // Two headers of one name arrive as one, joined by commas.
  const sent = ["authorization", "apikey", "x-api-key"].flatMap((name) =>
    headers.get(name)?.split(",") ?? []
  );
  return [...sent, ...query].map((value) => value.trim().replace(/^bearer\s+/i, ""));
}

function isSecret(credential: string, keys: LocalKeys): boolean {
  if (credential === keys.secret) return true;
  try {
    return decodeJwt(credential).role === SERVICE_ROLE;
  } catch {
    return false; // no JWT
  }
}
