import { describe, expect, it } from "vitest";
import { beginningOf, pathOfNul, wellFormedJson } from "../../../shared/text.ts";

const FAMILY = "👩‍👩‍👧";

describe("well-formed JSON", () => {
  it.each([
    ["half \ud83d x", "half \ufffd x"],
    ["\udc00\ud83d", "\ufffd\ufffd"],
    [{ "k\ud83d": [{ deep: "\udfff" }] }, { "k\ufffd": [{ deep: "\ufffd" }] }],
    ["whole 😀 日本語", "whole 😀 日本語"],
    ["a backslash: \\ud83d, and \\\ud83d", "a backslash: \\ud83d, and \\\ufffd"],
    [{ n: 1.5, t: true, z: null, q: '"\n\0' }, { n: 1.5, t: true, z: null, q: '"\n\0' }],
  ])("of %j holds %j", (value, expected) => {
    expect(JSON.parse(wellFormedJson(JSON.stringify(value)))).toEqual(expected);
  });
});

describe("NUL", () => {
  it.each([
    ["a\0b", []],
    [{ "a\0": 1 }, []],
    [{ a: [1, { b: "\0" }] }, ["a", "1", "b"]],
    [{ a: { "\0": 1 } }, ["a"]],
    [{ "\ud83d": "\0" }, ["\ufffd"]],
    [{ a: "\\u0000", n: 0, z: null }, null],
  ])("in %j is at %j", (value, path) => expect(pathOfNul(value)).toEqual(path));
});

describe("the beginning of a text", () => {
  it.each([
    ["short", 5, "short"],
    ["a😀😀", 4, "a😀"],
    ["a😀", 2, "a"],
    [`a${FAMILY}b`, 5, "a"],
    ["ae\u0301", 2, "a"],
    ["half \ud83d", 10, "half \ufffd"],
    ["日本語", 2, "日本"],
  ])("%j of at most %i is %j", (text, units, expected) => expect(beginningOf(text, units)).toBe(expected));

  it("is cut within a character that is longer on its own", () => {
    expect(beginningOf(`e${"\u0301".repeat(20)}`, 10)).toBe(`e${"\u0301".repeat(9)}`);
    const cut = beginningOf(Array(9).fill("👩").join("\u200d"), 4);
    expect(cut.isWellFormed() && cut.length <= 4).toBe(true);
  });
});
