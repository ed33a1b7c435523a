import { expect, test } from "vitest";
import { fits, type Shape } from "../../../client/http/transport.ts";

interface Answer {
  name: string;
  count: number;
  open: boolean;
  rows: { id: string; note?: string }[];
  extra: Record<string, unknown>;
}
const SHAPE: Shape<Answer> = { name: "", count: 0, open: true, rows: [{ id: "", "note?": "" }], extra: {} };
const answer = {
  name: "a",
  count: 1,
  open: false,
  rows: [{ id: "1" }, { id: "2", note: "b" }],
  extra: { c: 1 },
};

test("a value with all that is asked for fits, whatever else it has", () => {
  expect(fits<Answer>(answer, SHAPE)).toBe(true);
  expect(fits<Answer>({ ...answer, more: null, rows: [] }, SHAPE)).toBe(true);
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["an array", [answer]],
  ["a text", "answer"],
  ["a missing key", { ...answer, name: undefined }],
  ["a number as text", { ...answer, count: "1" }],
  ["null instead of an object", { ...answer, extra: null }],
  ["an array instead of an object", { ...answer, extra: [] }],
  ["an object instead of an array", { ...answer, rows: { 0: { id: "1" } } }],
  ["one row of many that lacks its id", { ...answer, rows: [{ id: "1" }, { note: "b" }] }],
  ["a key of the wrong type that might be missing", { ...answer, rows: [{ id: "1", note: 2 }] }],
])("%s does not", (_case, value) => expect(fits<Answer>(value, SHAPE)).toBe(false));
