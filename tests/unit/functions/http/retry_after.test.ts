import { expect, it } from "vitest";
import { secondsToWait } from "../../../../supabase/functions/_shared/http/retry_after.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");

it.each([
  ["120", 120],
  [" 120 ", 120],
  ["0", 1],
  ["999999999999999999999999999999", 86_400],
  ["Mon, 30 Nov 2026 12:01:30 GMT", 90],
  ["Monday, 30-Nov-26 12:01:30 GMT", 90],
  ["Mon Nov 30 12:01:30 2026", 90],
  ["Sun Nov  1 12:01:30 2026", 1],
  ["Fri, 31 Dec 9999 23:59:59 GMT", 86_400],
])("Retry-After: %s is %i seconds", (header, seconds) => expect(secondsToWait(header, NOW)).toBe(seconds));

it.each([
  null,
  "",
  "0.5",
  "1e30",
  "-7",
  "+7",
  "0x10",
  "12, 12",
  "soon",
  "2027-01-01",
  "2027-01-01T00:00:00Z",
  "Mon, 30 Nov 2026 12:01:30 +0500",
  "Mon, 99 Nov 2026 12:01:30 GMT",
  "Xyz, 30 Foo 2026 12:01:30 GMT",
])("Retry-After: %s is none", (header) => expect(secondsToWait(header, NOW)).toBe(null));
