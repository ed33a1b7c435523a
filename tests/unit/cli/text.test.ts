import { expect, it } from "vitest";
import { json, table, visible } from "../../../cli/output/text.ts";

it("a table's columns are as wide in characters, of whatever plane they are", () => {
  const rows = [["🌿🌿", "x"], ["fern", "y"], ["日本語", "z"]];
  const lines = table(["name", "v"], rows, "none").split("\n");
  expect(lines).toEqual(["name  v", "🌿🌿    x", "fern  y", "日本語   z"]);
});

const SIGNS = [
  "\u200f",
  "\u061c",
  "\u200e",
  "\u202e",
  "\u2066",
  "\u009b",
  "\u0085",
  "\u007f",
  "\u001b",
  "\u0000",
  "\n",
];

it("JSON holds every sign for whoever parses it, and shows a terminal none that it would obey", () => {
  const value = { name: `שלום${SIGNS.join("a")} سلام 🌿`, lines: ["one", "two"] };
  const text = json(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(visible(text)).toBe(text);
  expect(json({ mark: "\u200f\u009b" })).toBe('{\n  "mark": "\\u200f\\u009b"\n}');
});
