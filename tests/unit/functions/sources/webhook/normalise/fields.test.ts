import { describe, expect, it } from "vitest";
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
