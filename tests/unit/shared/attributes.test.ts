import { expect, it } from "vitest";
import { keptAttributes } from "../../../shared/attributes.ts";

it("keeps texts, numbers and booleans by name", () => {
  const claim = { plan: "Pro", orders: 7, "is trial": false, note: "" };
  expect(keptAttributes(claim)).toEqual(claim);
  expect(keptAttributes({})).toEqual({});
});

it.each([undefined, null, "Pro", 7, ["Pro"]])("says nothing where a claim is %j", (claim) => {
  expect(keptAttributes(claim)).toBeUndefined();
});

it("leaves out what is nested, null, too long, or no text", () => {
  expect(keptAttributes({
    kept: 1,
    nested: { a: 1 },
    list: ["a"],
    nothing: null,
    long: "a".repeat(201),
    ["n".repeat(41)]: 1,
    "": 1,
    "two\nlines": 1,
    control: "a\u0000b",
    half: "\ud800",
    huge: 1e300,
  })).toEqual({ kept: 1 });
});

it("keeps numbers as they are, and leaves out what is nearer to zero or farther from it", () => {
  const kept = { most: 2 ** 53 - 1, least: 1e-20, zero: 0, part: 0.1 + 0.2, negative: -12.5 };
  expect(keptAttributes({ ...kept, tiny: 5e-324, small: -1e-21, big: 2 ** 53, notANumber: NaN })).toEqual(
    kept,
  );
});

it("keeps the first twenty, and a kilobyte at most", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`a${n}`, n]));
  expect(Object.keys(keptAttributes(many) ?? {})).toEqual(Object.keys(many).slice(0, 20));
  const long = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`a${n}`, "鉢".repeat(200)]));
  expect(Object.keys(keptAttributes({ ...long, short: 1 }) ?? {})).toEqual(["a0", "short"]);
});
