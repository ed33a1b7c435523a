import { expect, test } from "vitest";
import { keyOf } from "../../../inbox/ui/keys.ts";

test.each([
  ["c", "KeyC", false, "c", "as it is"],
  ["C", "KeyC", false, "c", "with Caps Lock"],
  ["C", "KeyC", true, "C", "with Shift"],
  ["c", "KeyC", true, "C", "with both"],
  ["с", "KeyC", false, "c", "on a Cyrillic layout"],
  ["С", "KeyC", false, "c", "on one with Caps Lock"],
  ["ψ", "KeyC", false, "c", "on a Greek layout"],
  ["c", "KeyI", false, "c", "on a Dvorak layout, where its place is another"],
  ["ё", "Backquote", false, "ё", "where no letter stands on an English one"],
  ["?", "Slash", true, "?", "that is no letter"],
  ["Escape", "Escape", false, "Escape", "with a name"],
])("%s of %s, Shift %s, counts as %s: %s", (key, code, shiftKey, counts) => {
  expect(keyOf({ key, code, shiftKey })).toBe(counts);
});
