import { expect, test } from "vitest";
import { isUnverified } from "../../../inbox/ui/list.tsx";

const ADA = { name: "Ada Park", email: "ada@customer.example", identified: false };

test("who somebody says to be is not verified, whom the site vouches for is, whatever their id looks like", () => {
  expect(isUnverified(ADA)).toBe(true);
  expect(isUnverified({ ...ADA, name: null })).toBe(true);
  expect(isUnverified({ ...ADA, identified: true })).toBe(false);
});

test("nothing is to be verified of a visitor who said nothing", () => {
  expect(isUnverified({ name: null, email: null, identified: false })).toBe(false);
});
