import { expect, test } from "vitest";
import { initials } from "../../../kit/components/avatar.tsx";

test.each([
  ["Ada Park", "AP"],
  ["ada", "A"],
  ["Ada Maria Park", "AP"],
  ["Ёлка 🌲", "Ё"],
  ["李 小龙", "李小"],
])("%s is drawn as %s", (name, drawn) => expect(initials(name)).toBe(drawn));

test.each([
  ["🌵🌵", "🌵"],
  ["👩‍👩‍👧 🌵", "👩‍👩‍👧"],
  ["👍🏽!", "👍🏽"],
  ["🇳🇴🇩🇰", "🇳🇴"],
  ["❤️‍🔥", "❤️‍🔥"],
  [" ?!", "?"],
  ["", ""],
])("of a name without letters %s the first sign is drawn, whole: %s", (name, drawn) => {
  expect(initials(name)).toBe(drawn);
});
