import { beforeEach, expect, test } from "vitest";
import { createSelection, type Selection } from "../../../inbox/core/selection.ts";

let selection: Selection;
beforeEach(() => {
  selection = createSelection();
  shows("abcdef");
});

/** The list has these rows, each called by a letter. */
const shows = (letters: string) => selection.show([...letters].map((id) => ({ id })));
const selected = () => selection.ids.value && [...selection.ids.value].sort().join("");

test("one is selected and taken back, and the last to go ends it", () => {
  expect(selected()).toBeNull();
  selection.toggle("b");
  selection.toggle("d");
  expect(selected()).toBe("bd");
  selection.toggle("b");
  expect(selected()).toBe("d");
  selection.toggle("d");
  expect(selected()).toBeNull();
});

test("it begins with none where none is at hand, and ends on request", () => {
  selection.begin();
  expect(selected()).toBe("");
  shows("abc");
  expect(selected()).toBe("");
  selection.toggle("a");
  selection.end();
  expect(selected()).toBeNull();
});

test("a range goes from where it began to wherever it is drawn, up and down, and keeps what was selected apart from it", () => {
  selection.toggle("a");
  selection.toggle("d");
  selection.extend(selection.anchor, "f");
  expect(selected()).toBe("adef");
  selection.extend(selection.anchor, "e");
  expect(selected()).toBe("ade");
  selection.extend(selection.anchor, "c");
  expect(selected()).toBe("acd");
});

test("step by step it grows and shrinks again", () => {
  for (const [from, to] of [["b", "c"], ["c", "d"]] as const) selection.extend(from, to);
  expect(selected()).toBe("bcd");
  selection.extend("d", "c");
  expect(selected()).toBe("bc");
  selection.extend("c", "b");
  selection.extend("b", "a");
  expect(selected()).toBe("ab");
});

test("from another row a range of its own begins, and without a row to begin at there is the one alone", () => {
  selection.toggle("a");
  selection.extend("d", "e");
  expect(selected()).toBe("ade");
  selection.end();
  selection.extend(null, "c");
  selection.extend(selection.anchor, "d");
  expect(selected()).toBe("cd");
});

test("a range begins anew where the row that it began at has left", () => {
  selection.toggle("b");
  selection.toggle("c");
  shows("abdef");
  selection.extend(selection.anchor, "e");
  expect(selected()).toBe("be");
});

test("a row that moves stays selected, and a range is what lies between now", () => {
  selection.toggle("b");
  shows("acdefb");
  expect(selected()).toBe("b");
  selection.extend(selection.anchor, "e");
  expect(selected()).toBe("bef");
});

test("a row that leaves is selected no more, and not when it comes back either", () => {
  selection.extend("a", "c");
  selection.toggle("e");
  shows("acdef");
  expect(selected()).toBe("ace");
  shows("abcdef");
  expect(selected()).toBe("ace");
  selection.extend("e", "f");
  expect(selected()).toBe("acef");
  shows("bd");
  expect(selected()).toBeNull();
});

test("what comes is not selected by itself, and all is what is loaded", () => {
  selection.all();
  shows("xabcdefy");
  expect(selected()).toBe("abcdef");
  selection.all();
  expect(selected()).toBe("abcdefxy");
});

test("what the list does not have can't be selected, and an empty list ends it", () => {
  selection.toggle("z");
  expect(selected()).toBeNull();
  selection.begin();
  shows("");
  expect(selected()).toBeNull();
});

test("some are selected no more, the last of them ends it, and what was not selected stays so", () => {
  selection.all();
  selection.drop(["a", "c", "x"]);
  expect(selected()).toBe("bdef");
  selection.drop([..."bdef"]);
  expect(selected()).toBeNull();
  selection.drop(["a"]);
  expect(selected()).toBeNull();
});
