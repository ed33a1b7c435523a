import { createHash } from "node:crypto";

/** A weak ETag over the parts, which must not hold NUL: the same parts give the same tag in every isolate. */
export function weakEtag(parts: readonly string[]): string {
  const hash = createHash("sha256").update(parts.join("\0")).digest("base64url");
  return `W/"${hash.slice(0, 27)}"`;
}

/** True if the caller's `If-None-Match` names the tag, compared weakly (RFC 9110 §13.1.2). */
export function isUnchanged(request: Request, etag: string): boolean {
  const known = request.headers.get("if-none-match");
  if (known === null) return false;
  if (known.trim() === "*") return true;
  return known.split(",").some((candidate) => opaque(candidate.trim()) === opaque(etag));
}

function opaque(etag: string): string {
  return etag.replace(/^W\//, "");
}
