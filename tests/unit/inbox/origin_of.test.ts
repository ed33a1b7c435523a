import { expect, test } from "vitest";
import { hasPath, originOf } from "../../../inbox/ui/settings/looks.tsx";

test.each([
  ["https://shop.example", "https://shop.example"],
  ["https://Shop.example:443/cart?id=1#top", "https://shop.example"],
  ["shop.example/about", "https://shop.example"],
  ["localhost:5173", "http://localhost:5173"],
  ["http://localhost:5173/", "http://localhost:5173"],
  ["https://blåbær.example", "https://xn--blbr-roah.example"],
])("of the address %s the site is %s", (typed, origin) => expect(originOf(typed)).toBe(origin));

test.each(["", "a b", "file:///etc/hosts"])("%j names none and stays as it was typed", (typed) => {
  expect(originOf(typed)).toBe(typed);
});

test("an address with more than its site is told from one that is the site", () => {
  for (const site of ["https://shop.example", "https://shop.example/", "shop.example", "localhost:5173"]) {
    expect(hasPath(site), site).toBe(false);
  }
  for (
    const page of [
      "https://shop.example/path",
      "shop.example/cart?id=1",
      "https://shop.example?a",
      "https://shop.example/#top",
    ]
  ) {
    expect(hasPath(page), page).toBe(true);
  }
});
