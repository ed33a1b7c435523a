import { describe, expect, it } from "vitest";
import { WrittenNumber } from "../../../../../../supabase/functions/_shared/http/written_numbers.ts";
import { time } from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/fields.ts";

const EXPECTED = "2023-11-14T22:13:20.000Z";

describe("a time", () => {
  it.each([
    1700000000,
    1700000000000,
    "1700000000",
    " 1700000000000 ",
    "2023-11-14T22:13:20Z",
    "2023-11-14T22:13:20.000Z",
    "2023-11-14t22:13:20z",
    "2023-11-14T22:13:20",
    "2023-11-14 22:13:20",
    "2023-11-14 22:13:20+00",
    "2023-11-14 23:13:20.000000+01",
    "2023-11-15T03:43:20+0530",
    "2023-11-14T17:13:20-05:00",
    "2023-11-14T22:13:20,000Z",
  ])("is understood: %o", (value) => expect(time(value)).toBe(EXPECTED));

  it("keeps milliseconds, and cuts what is finer", () => {
    expect(time(1700000000.123)).toBe("2023-11-14T22:13:20.123Z");
    expect(time("2023-11-14 22:13:20.123456+00")).toBe("2023-11-14T22:13:20.123Z");
  });

  it.each([
    ["2023-11-14", "2023-11-14"],
    ["20231114", "2023-11-14"],
    ["2024-02-29", "2024-02-29"],
    ["20231114T221320Z", EXPECTED],
    ["20231114T221320", EXPECTED],
  ])("may be written %s", (value, expected) => expect(time(value)).toBe(expected));

  it("is the number as it was written", () => {
    expect(time(new WrittenNumber("1700000000.0"))).toBe(EXPECTED);
  });

  it.each([
    45292.5,
    "45292",
    20240501,
    2024,
    "2024",
    1,
    new WrittenNumber("45292.50"),
    202405011200,
    20240501120000,
    "20240501120000",
    4915112345678,
    "2024-02-30",
    "20240230",
    "2024-04-31T10:00:00Z",
    "2023-02-29 10:00",
    "2024-0501",
    "0001-01-01T00:00:00Z",
    "",
    "yesterday",
    "Tue, 14 Nov 2023",
    "14/11/2023",
    "2023-13-01",
    "2023-11-14T25:00",
    0,
    -1,
    NaN,
    Infinity,
    1e20,
    true,
    null,
    {},
    [1700000000],
  ])("is not %o", (value) => expect(time(value)).toBeUndefined());
});
