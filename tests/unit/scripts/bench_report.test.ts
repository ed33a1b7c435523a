import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MEASURES } from "../../../scripts/bench/measures.mjs";
import { judge, misses, table } from "../../../scripts/bench/report.mjs";
import { snippets } from "../../docs/support/documents.ts";

const rate = { id: "rate", title: "calls a second", unit: "1/s", reach: { atLeast: 0.8 } };
const delay = { id: "delay", title: "delay", unit: "ms", reach: { atMost: 1.5 } };
const calls = { id: "calls", title: "calls", unit: "", reach: { atMost: 3 } };
const status = { id: "status", title: "status", unit: "", reach: { equals: 304 } };
const size = { id: "size", title: "size", unit: "MB" };

describe("a measure", () => {
  it("with a reference is judged by its ratio", () => {
    expect(judge([rate], [{ id: "rate", value: 700, reference: 1000 }])).toEqual([{
      id: "rate",
      value: 700,
      unit: "1/s",
      reference: 1000,
      ratio: 0.7,
      reach: { of: "ratio", atLeast: 0.8 },
      ok: false,
    }]);
    expect(judge([delay], [{ id: "delay", value: 15, reference: 10 }])).toMatchObject([{ ok: true }]);
    expect(judge([delay], [{ id: "delay", value: 15.1, reference: 10 }])).toMatchObject([{ ok: false }]);
  });

  it("without one is judged by itself", () => {
    expect(judge([calls], [{ id: "calls", value: 3 }])).toEqual([{
      id: "calls",
      value: 3,
      unit: "",
      reference: null,
      ratio: null,
      reach: { of: "value", atMost: 3 },
      ok: true,
    }]);
    expect(judge([calls], [{ id: "calls", value: 3.1 }])).toMatchObject([{ ok: false }]);
    expect(judge([status], [{ id: "status", value: 200 }])).toMatchObject([{ ok: false }]);
  });

  it("without a reach is reported only", () => {
    expect(judge([size], [{ id: "size", value: 512 }])).toMatchObject([{ reach: null, ok: true }]);
  });

  it("that is no number is out of reach", () => {
    expect(judge([calls], [{ id: "calls", value: NaN }])).toMatchObject([{ ok: false }]);
  });

  it("that was not taken is an error", () => {
    expect(() => judge([rate, calls], [{ id: "calls", value: 3 }])).toThrow("rate was not measured");
  });
});

it("the table has a line for each, with its title", () => {
  const kinds = [rate, calls, size];
  const measures = judge(kinds, [
    { id: "calls", value: 4 },
    { id: "size", value: 512.25 },
    { id: "rate", value: 812.345, reference: 1000 },
  ]);
  expect(table(kinds, measures).split("\n")).toEqual([
    "   measure         value    against   ratio  reach",
    "✓  calls a second  812 1/s  1000 1/s  0.81×  ≥ 0.8×",
    "✗  calls           4                         ≤ 3",
    "   size            512 MB",
  ]);
  expect(misses(kinds, measures)).toEqual(["✗ calls: 4, and not ≤ 3 (calls)"]);
});

it("tests/bench/README.md explains every measure", () => {
  const text = readFileSync(new URL("../../../tests/bench/README.md", import.meta.url), "utf8");
  expect(MEASURES.filter(({ id }) => !text.includes(`\`${id}\``))).toEqual([]);
});

it("tests/bench/README.md shows a measure as it is printed", () => {
  const [snippet = ""] = snippets("tests/bench/README.md", "json");
  const shown = JSON.parse(snippet);
  const [judged] = judge(MEASURES.filter(({ id }) => id === shown.id), [shown]);
  expect({ ...judged, ratio: 0.85 }).toEqual(shown);
  expect(judged?.ratio).toBeCloseTo(shown.ratio, 2);
});

it("every measure has an id of its own, of lower-case words", () => {
  const ids = MEASURES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z0-9]+(_[a-z0-9]+)*$/.test(id))).toEqual([]);
});
