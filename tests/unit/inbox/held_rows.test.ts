import { expect, test } from "vitest";
import { shiftOf, withHeld } from "../../../inbox/ui/held_rows.ts";

/** One row for each letter; a letter in upper case has just had a message. */
const rowsOf = (letters: string) =>
  [...letters].map((letter) => ({
    id: letter.toLowerCase(),
    activeAt: letter === letter.toLowerCase() ? "old" : "new",
  }));
const lettersOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).join("");
const stays = { mayLeave: () => false };
const held = (letters: string) => new Set(letters);

function arranged(rows: string, former: string, letters: string, shift = 0): string {
  return lettersOf(withHeld(rowsOf(rows), rowsOf(former), held(letters), { ...stays, shift }));
}

test("a held row stays where it is, whichever rows move, come or leave around it", () => {
  expect(arranged("Cabd", "abcd", "c")).toBe("abcd");
  expect(arranged("Dabc", "abcd", "b")).toBe("dbac");
  expect(arranged("nabcd", "abcd", "c")).toBe("nacbd");
  expect(arranged("bcd", "abcd", "c")).toBe("bdc");
});

test("two rows can be held, the one under the pointer and the one with the focus", () => {
  expect(arranged("Nabcd", "abcd", "ad")).toBe("anbdc");
});

test("a held row that has left stays to be seen until it is let go", () => {
  expect(arranged("acd", "abcd", "b")).toBe("abcd");
  expect(arranged("acd", "abcd", "")).toBe("acd");
});

test("what the reader does to the conversation that is open takes its row away at once", () => {
  const mayLeave = (id: string) => id === "b";
  expect(lettersOf(withHeld(rowsOf("acd"), rowsOf("abcd"), held("b"), { mayLeave }))).toBe("acd");
});

test("a row that comes for the first time is held nowhere", () => {
  expect(arranged("nab", "ab", "n")).toBe("nab");
});

test("rows that came above are told by the first row in view that nothing is new of", () => {
  expect(shiftOf(rowsOf("Nabcd"), rowsOf("abcd"), 2, held(""))).toBe(1);
  expect(shiftOf(rowsOf("Cabd"), rowsOf("abcd"), 2, held(""))).toBe(0);
  expect(shiftOf(rowsOf("Dabc"), rowsOf("abcd"), 1, held(""))).toBe(1);
  expect(shiftOf(rowsOf("Dabc"), rowsOf("abcd"), 1, held("b"))).toBe(1);
  expect(shiftOf(rowsOf("bcd"), rowsOf("abcd"), 1, held(""))).toBe(-1);
  expect(shiftOf([], rowsOf("abcd"), 1, held(""))).toBe(0);
});

test("a held row moves with what was scrolled down", () => {
  expect(arranged("Cnabd", "abcd", "c", 1)).toBe("nabcd");
});
