import { expect, it } from "vitest";
import { table } from "../../../cli/output/text.ts";

it("a table's columns are as wide in characters, of whatever plane they are", () => {
  const rows = [["🌿🌿", "x"], ["fern", "y"], ["日本語", "z"]];
  const lines = table(["name", "v"], rows, "none").split("\n");
  expect(lines).toEqual(["name  v", "🌿🌿    x", "fern  y", "日本語   z"]);
});
