import { describe, expect, it } from "vitest";
import {
  isWrittenDifferently,
  keepNumbers,
  losesDigits,
  type Readable,
  WrittenNumber,
} from "../../../../supabase/functions/_shared/http/written_numbers.ts";
import { createGenerator } from "../../../support/generator.ts";

const kept = (text: string, isKept = isWrittenDifferently) =>
  keepNumbers({ text, value: JSON.parse(text) }, isKept);
const written = (text: string) => new WrittenNumber(text);

describe("a number of an answer", () => {
  it.each([
    "84.00",
    "0.10",
    "340434188193158927",
    "1e3",
    "1E-7",
    "0.0000001",
    "-1.50",
    "1e400",
    "12345678901234567890.5",
  ])(
    "is kept as it was written: %s",
    (number) => {
      expect(kept(`{"a":[${number}]}`)).toEqual({ a: [written(number)] });
      expect(JSON.stringify(kept(number))).toBe(JSON.stringify(number));
    },
  );

  it.each([
    "0.0004",
    "0.0825",
    "52.520008",
    "10115",
    "2026",
    "4915112345678",
    "9007199254740991",
    "-0.5",
    "1700000000000",
  ])(
    "stays a number where a double writes it alike: %s",
    (number) => expect(kept(`[${number}]`)).toEqual([Number(number)]),
  );

  it("is not looked for in strings and keys", () => {
    expect(kept('{"1.0":"1.0","a":"\\"1.0","b":1.0,"\\u0031.0":"\\\\"}')).toEqual({
      "1.0": "\\",
      a: '"1.0',
      b: written("1.0"),
    });
  });

  it("can't reach an object's prototype", () => {
    const value = kept('{"__proto__":1.0}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe('{"__proto__":"1.0"}');
  });

  it("leaves all else as JSON.parse has it", () => {
    const generator = createGenerator(11);
    for (let round = 0; round < 500; round++) {
      const text = JSON.stringify([generator.json(4), 1.5], null, round % 3);
      expect(kept(text, () => false)).toEqual(JSON.parse(text));
      expect(kept(` {"n" : 1.0 , "v" :${text}\n}`)).toMatchObject({ n: written("1.0") });
    }
  });

  it.each(['[1.0,"x"', "1.0 [] {}".repeat(9), '{"a":1.0}'])(
    "is found in a number of steps linear to the text: %s…",
    (part) => {
      const steps = (times: number) => {
        const text = `[${Array(times).fill(JSON.stringify(part)).join(",")},${"1.0,".repeat(times)}1]`;
        const counting = counted(text);
        keepNumbers({ text: counting.text, value: null }, isWrittenDifferently);
        return counting.steps() / text.length;
      };
      expect(steps(2000)).toBeLessThanOrEqual(steps(20) * 1.1);
      expect(steps(2000)).toBeLessThan(10);
    },
  );
});

describe("a number of a request", () => {
  it.each(["340434188193158927", "9007199254740993", "1e400", "0.12345678901234567890"])(
    "is text where a double can't hold it: %s",
    (number) => expect(JSON.stringify(kept(number, losesDigits))).toBe(JSON.stringify(number)),
  );

  it.each(["84.00", "1e3", "0.000100", "1.0", "1e-7", "0e5", "-0.0", "1000000000000000000000", "100e-2"])(
    "stays a number where it is the same: %s",
    (number) => expect(kept(number, losesDigits)).toBe(Number(number)),
  );
});

/** A text that counts how much of it is read. */
function counted(text: string): { text: Readable; steps(): number } {
  let steps = 0;
  return {
    steps: () => steps,
    text: {
      length: text.length,
      charCodeAt(index) {
        steps++;
        return text.charCodeAt(index);
      },
      slice(from, to) {
        steps += to - from;
        return text.slice(from, to);
      },
    },
  };
}
