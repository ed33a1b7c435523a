/**
 * The `sub` of a JWT, unverified: it only decides whether a stored session may belong to the same visitor,
 * and the server verifies every token it gets. `null` if there is none.
 */
export function subjectOf(token: string): string | null {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof sub === "string" ? sub : null;
  } catch {
    // Not a JWT: the server will say so.
    return null;
  }
}
