/** Reproducible variety: the same seed gives the same values. */
export interface Generator {
  /** An integer from 0 to below `limit`. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
  /** Any JSON value, at most `depth` levels deep. */
  json(depth: number): unknown;
}

const WORDS = [
  "",
  "a",
  "id",
  "Größe",
  "🌿",
  "\u0000",
  "\ud800",
  "<b>",
  "2026-01-01",
  "1e999",
  "null",
  "__proto__",
];
const NUMBERS = [0, -1, 1, 1.5, 2 ** 53, -(2 ** 53), 1e308, 1700000000, 1700000000000];

/** Mulberry32. */
export function createGenerator(seed: number): Generator {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const below = (limit: number) => Math.floor(next() * limit);
  const chance = (probability: number) => next() < probability;

  function pick<Value>(values: readonly Value[]): Value {
    const value = values[below(values.length)];
    if (value === undefined && values.length === 0) throw new Error("nothing to pick from");
    return value as Value; // the index is within the array
  }

  function json(depth: number): unknown {
    switch (below(depth > 0 ? 6 : 4)) {
      case 0:
        return pick(WORDS);
      case 1:
        return pick(NUMBERS);
      case 2:
        return chance(0.5);
      case 3:
        return null;
      case 4:
        return Array.from({ length: below(4) }, () => json(depth - 1));
      default:
        return Object.fromEntries(Array.from({ length: below(5) }, () => [pick(WORDS), json(depth - 1)]));
    }
  }

  return { below, chance, pick, json };
}
