import { expect, it } from "vitest";
import { moment } from "../../../shared/moment.ts";

it.each([
  "2026-03-01T09:30:00Z",
  "2026-03-01T09:30:00.123456+02:00",
  "2024-02-29T23:59:59-15:59",
  "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999999+15:59",
])("%s is a moment, as it was written", (text) => expect(moment.parse(text)).toBe(text));

it.each([
  "0000-01-01T00:00:00Z",
  "2026-12-31T00:00:00+23:59",
  "2026-12-31T00:00:00-16:00",
  `2026-12-31T00:00:00.${"1".repeat(200)}Z`,
  "2026-02-30T00:00:00Z",
  "2026-03-01T09:30:00",
  "2026-03-01",
  "infinity",
  "now",
])(
  "%s is none that Postgres can read, or none",
  (text) => expect(moment.safeParse(text).success).toBe(false),
);
