import { expect, test } from "vitest";
import { originOf } from "../../../inbox/ui/settings/looks.tsx";

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
