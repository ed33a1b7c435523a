import { expect, test } from "vitest";
import { isUnverified } from "../../../inbox/ui/list.tsx";

const ADA = { name: "Ada Park", email: "ada@customer.example" };

test("who an anonymous visitor says to be is not verified, whom the owner's token names is", () => {
  expect(isUnverified("anon_0123456789abcdef0123456789abcdef", ADA)).toBe(true);
  expect(isUnverified("anon_0123456789abcdef0123456789abcdef", { ...ADA, name: null })).toBe(true);
  expect(isUnverified("user-7", ADA)).toBe(false);
});

test("nothing is to be verified of a visitor who said nothing", () => {
  expect(isUnverified("anon_0123456789abcdef0123456789abcdef", { name: null, email: null })).toBe(false);
});
