import { HeddleError } from "../../../../shared/errors.ts";

/** Refuses a page that the owner has not named. Throws `origin_not_allowed`, also when the browser sent no origin. */
export function requireAllowedOrigin(request: Request, allowed: readonly string[]): void {
  const origin = request.headers.get("origin");
  if (origin && isAllowedOrigin(origin, allowed)) return;
  throw new HeddleError("origin_not_allowed", "The agent's allowed origins must name this page's origin.");
}

/** Whether the owner has named it. `allowed` holds exact origins, or `https://*.example.com` for every subdomain. */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  return origin !== "null" && allowed.some((pattern) => matches(pattern, origin));
}

function matches(pattern: string, origin: string): boolean {
  const wanted = pattern.toLowerCase().replace(/\/$/, "");
  const given = origin.toLowerCase();
  const [scheme, suffix] = wanted.split("//*.");
  if (scheme === undefined || suffix === undefined) return given === wanted;
  if (suffix === "") return false;
  const prefix = `${scheme}//`;
  if (!given.startsWith(prefix) || !given.endsWith(`.${suffix}`)) return false;
  const subdomain = given.slice(prefix.length, given.length - suffix.length - 1);
  return /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(subdomain);
}
