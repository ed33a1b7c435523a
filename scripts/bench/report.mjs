/**
 * @typedef {import("./measures.mjs").MeasureKind} MeasureKind
 * @typedef {{ id: string, value: number, reference?: number }} Measured
 * @typedef {import("./measures.mjs").Bound & { of: "ratio" | "value" }} Reach
 * @typedef {{ id: string, value: number, unit: string, reference: number | null, ratio: number | null, reach: Reach | null, ok: boolean }} Judged
 */

/**
 * Every measure with its verdict, in the catalogue's order. Throws if one was not taken.
 * @param {readonly MeasureKind[]} kinds
 * @param {readonly Measured[]} measured
 * @returns {Judged[]}
 */
export function judge(kinds, measured) {
  return kinds.map(({ id, unit, reach }) => {
    const taken = measured.find((one) => one.id === id);
    if (!taken) throw new Error(`${id} was not measured`);
    const { value, reference = null } = taken;
    const ratio = reference === null ? null : value / reference;
    return {
      id,
      value,
      unit,
      reference,
      ratio,
      reach: reach ? { of: ratio === null ? "value" : "ratio", ...reach } : null,
      ok: !reach || isWithin(ratio ?? value, reach),
    };
  });
}

/**
 * A number that is none is out of every reach.
 * @param {number} value
 * @param {import("./measures.mjs").Bound} bound
 */
function isWithin(value, bound) {
  if ("atLeast" in bound) return value >= bound.atLeast;
  if ("atMost" in bound) return value <= bound.atMost;
  return value === bound.equals;
}

/**
 * @param {readonly MeasureKind[]} kinds
 * @param {readonly Judged[]} measures
 */
export function table(kinds, measures) {
  const heads = ["", "measure", "value", "against", "ratio", "reach"];
  const rows = measures.map(({ id, value, unit, reference, ratio, reach, ok }) => [
    reach ? ok ? "✓" : "✗" : " ",
    kinds.find((kind) => kind.id === id)?.title ?? id,
    quantity(value, unit),
    reference === null ? "" : quantity(reference, unit),
    ratio === null ? "" : `${ratio.toFixed(2)}×`,
    reach ? bound(reach) : "",
  ]);
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd())
    .join("\n");
}

/**
 * A line for each measure that is out of its reach.
 * @param {readonly MeasureKind[]} kinds
 * @param {readonly Judged[]} measures
 */
export function misses(kinds, measures) {
  return measures.flatMap(({ id, value, unit, ratio, reach, ok }) => {
    if (ok || !reach) return [];
    const got = ratio === null ? quantity(value, unit) : `${ratio.toFixed(2)}×`;
    return [
      `✗ ${kinds.find((kind) => kind.id === id)?.title ?? id}: ${got}, and not ${bound(reach)} (${id})`,
    ];
  });
}

/**
 * @param {number} value
 * @param {string} unit
 */
function quantity(value, unit) {
  return `${Number.isInteger(value) ? value : value.toFixed(value < 100 ? 1 : 0)} ${unit}`.trimEnd();
}

/** @param {Reach} reach */
function bound(reach) {
  const times = reach.of === "ratio" ? "×" : "";
  if ("atLeast" in reach) return `≥ ${reach.atLeast}${times}`;
  if ("atMost" in reach) return `≤ ${reach.atMost}${times}`;
  return `${reach.equals}${times}`;
}
