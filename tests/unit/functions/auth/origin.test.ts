import { describe, expect, it } from "vitest";
import { requireAllowedOrigin } from "../../../../supabase/functions/_shared/auth/origin.ts";

function isAllowed(origin: string | null, allowed: string[]): boolean {
  const headers = new Headers(origin === null ? {} : { origin });
  try {
    requireAllowedOrigin({ headers } as Request, allowed);
    return true;
  } catch {
    return false;
  }
}

const EXACT = ["https://shop.example"];
const WILDCARD = ["https://*.shop.example"];

describe("a page's origin", () => {
  it.each<[string | null, string[], boolean]>([
    ["https://shop.example", EXACT, true],
    ["https://shop.example", ["https://shop.example/"], true],
    ["https://shop.example", ["https://Shop.Example"], true],
    ["http://shop.example", EXACT, false],
    ["https://shop.example:8443", EXACT, false],
    ["https://shop.example.evil.example", EXACT, false],
    ["https://evil-shop.example", EXACT, false],
    ["https://www.shop.example", WILDCARD, true],
    ["https://a.b.shop.example", WILDCARD, true],
    ["https://shop.example", WILDCARD, false],
    ["https://.shop.example", WILDCARD, false],
    ["https://evilshop.example", WILDCARD, false],
    ["https://evil.example/.shop.example", WILDCARD, false],
    ["https://evil.example:1.shop.example", WILDCARD, false],
    ["http://www.shop.example", WILDCARD, false],
    ["https://www.shop.example:8443", WILDCARD, false],
    ["https://www.shop.example:8443", ["https://*.shop.example:8443"], true],
    ["https://evil.example.", ["https://*."], false],
    ["https://shop.example", [], false],
    ["null", EXACT, false],
    ["null", ["null"], false],
    [null, EXACT, false],
    ["", [""], false],
  ])("%s against %o: %s", (origin, allowed, expected) => expect(isAllowed(origin, allowed)).toBe(expected));
});
