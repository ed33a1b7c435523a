import { expect, test } from "vitest";
import type { Row } from "../../../inbox/core/rows.ts";
import { isUnverified, nameOf } from "../../../inbox/ui/names.ts";

const ADA = { name: "Ada Park", email: "ada@customer.example", identified: false };

test("who somebody says to be is not verified, whom the site vouches for is, whatever their id looks like", () => {
  expect(isUnverified(ADA)).toBe(true);
  expect(isUnverified({ ...ADA, name: null })).toBe(true);
  expect(isUnverified({ ...ADA, identified: true })).toBe(false);
});

test("nothing is to be verified of a visitor who said nothing", () => {
  expect(isUnverified({ name: null, email: null, identified: false })).toBe(false);
});

test("visitors who said no name are told apart by their ids, each the same every time", () => {
  const named = (psid: string) =>
    nameOf({ psid, customerName: null, customerEmail: null, name: null } as Row);
  const ids = Array.from({ length: 20 }, (_, n) => `anon_${String(n).padStart(32, "0")}`);
  const names = ids.map(named);
  expect(names.every((name) => /^Visitor [0-9A-F]{4}$/.test(name))).toBe(true);
  expect(new Set(names).size).toBe(20);
  expect(ids.map(named)).toEqual(names);
  expect(nameOf({ psid: "anon_1", customerName: "Ada", customerEmail: null, name: null } as Row)).toBe("Ada");
});
