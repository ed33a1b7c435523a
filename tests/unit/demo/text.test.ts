import { describe, expect, it } from "vitest";
import { shortened } from "../../../demo/heddle/conversations.ts";
import { storable } from "../../../demo/heddle/text.ts";

const FAMILY = "👩‍👩‍👧";

describe("the shop's previews", () => {
  it.each([
    ["as it is", 8, "as it is"],
    ["one word more", 9, "one word…"],
    ["a".repeat(138) + "😀😀", 140, `${"a".repeat(138)}…`],
    ["a".repeat(139) + FAMILY, 145, `${"a".repeat(139)}…`],
    [`${"a".repeat(8)}e\u0301b`, 10, `${"a".repeat(8)}…`],
    ["日本語日本語", 4, "日本語…"],
  ])("shorten %j to %i between two characters", (text, characters, expected) => {
    expect(shortened(text, characters)).toBe(expected);
  });

  it("are cut within a character that is longer on its own", () => {
    expect(shortened(`e${"\u0301".repeat(20)}`, 10)).toBe(`e${"\u0301".repeat(8)}…`);
    expect(shortened(Array(9).fill("👩").join("\u200d"), 6).isWellFormed()).toBe(true);
  });
});

it("a text that the shop stores is one that Postgres can keep", () => {
  expect(storable("before\0after \ud83d")).toBe("beforeafter \ufffd");
});
