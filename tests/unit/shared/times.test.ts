import { describe, expect, it } from "vitest";
import { epochTime, isoTime } from "../../../shared/times.ts";

describe("ISO 8601", () => {
  it.each([
    ["2026-03-01", "2026-03-01"],
    ["20260301", "2026-03-01"],
    ["2026-03-01T09:30", "2026-03-01T09:30:00.000Z"],
    ["2026-03-01 09:30:00+01", "2026-03-01T08:30:00.000Z"],
    ["20260301T093000.5-0500", "2026-03-01T14:30:00.500Z"],
  ])("of %s is %s", (text, expected) => expect(isoTime(text)).toBe(expected));

  it.each([
    "",
    "2026",
    "2026-02-29",
    "2024-13-01",
    "2024-02-30T10:00",
    "2026-0301",
    "2026-03-01T25:00",
    "2026-03-01 to 2026-03-04",
  ])(
    "is not %j",
    (text) => expect(isoTime(text)).toBeUndefined(),
  );
});

describe("an epoch", () => {
  it.each([
    [315532800, "1980-01-01T00:00:00.000Z"],
    [1700000000.5, "2023-11-14T22:13:20.500Z"],
    [1700000000000, "2023-11-14T22:13:20.000Z"],
    [4102444799, "2099-12-31T23:59:59.000Z"],
  ])("may be %d", (value, expected) => expect(epochTime(value)).toBe(expected));

  it.each([
    NaN,
    Infinity,
    -1700000000,
    0,
    1,
    2024,
    45292.5,
    20240501,
    4102444800,
    202405011200,
    20240501120000,
    1.7e15,
  ])(
    "can't be %d",
    (value) => expect(epochTime(value)).toBeUndefined(),
  );
});
