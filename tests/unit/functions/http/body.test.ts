import { describe, expect, it } from "vitest";
import { HeddleError } from "../../../../shared/errors.ts";
import { parseJson } from "../../../../supabase/functions/_shared/http/body.ts";

const parse = (text: string) => parseJson(new TextEncoder().encode(text));
const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

describe("parsing JSON", () => {
  it("takes any JSON, with a byte order mark too", () => {
    expect(parse('{"a":[1,null]}')).toEqual({ a: [1, null] });
    expect(parse("\ufeff1")).toBe(1);
  });

  it.each([
    ["nothing", ""],
    ["a brace alone", "{"],
    ["HTML", "<html>"],
    ["undefined", "undefined"],
    ["65 levels", nested(65)],
    ["500,000 levels", nested(500_000)],
  ])("refuses %s", (_, text) => {
    expect(() => parse(text)).toThrow(HeddleError);
  });

  it("takes 64 levels", () => expect(() => parse(nested(64))).not.toThrow());

  it("counts no brackets in strings, nor those that stand beside each other", () => {
    expect(parse(`["${"[".repeat(65)}","\\\\"]`)).toEqual(["[".repeat(65), "\\"]);
    expect(() => parse(`[${Array(100).fill("[{}]").join(",")}]`)).not.toThrow();
  });

  it("refuses bytes that are no UTF-8", () => {
    expect(() => parseJson(new Uint8Array([0x22, 0xff, 0x22]))).toThrow("must be UTF-8");
  });
});
