import type { Generator } from "../../support/generator.ts";

type Fields = Record<string, unknown>;

const STRINGS = [
  ...[
    "",
    " ",
    "7",
    "null",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\u202e",
    "🌿".repeat(40),
    "y".repeat(129),
    "'; drop table",
  ],
  ...[
    "y".repeat(10_001),
    "a0000000-0000-4000-8000-00000000dead",
    "A0000000-0000-4000-8000-000000000001",
    "\r\nx: y",
  ],
  ...[
    "../../etc/passwd",
    "%00",
    "${7*7}",
    "<img src=x onerror=alert(1)>",
    "create_item",
    "get_items",
    "__proto__",
  ],
];
const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "x",
  "",
  "\u0000",
  "action",
  "tabId",
  "endUser",
];
const NUMBERS = [0, -1, 0.5, 2 ** 53, -(2 ** 53), 1e308, Number.MIN_VALUE];
/** JSON that no value of JavaScript is written as. */
const RAW_VALUES = [
  ...[
    '{"__proto__":{"admin":true}}',
    "1e999",
    "-0",
    "9007199254740993",
    '"\\ud800"',
    '"\\u0000"',
    "[[[[[[[[]]]]]]]]",
  ],
  ...[`${"[".repeat(100)}${"]".repeat(100)}`, `${'{"a":'.repeat(70)}1${"}".repeat(70)}`, '{"a":1,"a":2}'],
];
const NO_JSON = [
  "",
  " ",
  "{",
  "}",
  "nul",
  "[1,]",
  "{'a':1}",
  "NaN",
  "// x\n{}",
  '{"a":1}{"b":2}',
  '"',
  "\u0000",
  "{}\u0000",
];

/** One field is missing, another one, or of another type. */
export function hurtFields(fields: Fields, generator: Generator): Fields {
  const { chance, pick, json } = generator;
  const known = Object.keys(fields);
  const hurt = { ...fields };
  const field = chance(0.8) && known.length > 0 ? pick(known) : pick(KEYS);
  if (chance(0.15)) {
    delete hurt[field];
    return hurt;
  }
  const value = chance(0.5) ? pick(STRINGS) : chance(0.3) ? pick(NUMBERS) : json(3);
  // As JSON.parse would, and unlike an assignment, whatever its name.
  Object.defineProperty(hurt, field, { value, enumerable: true, writable: true, configurable: true });
  return hurt;
}

/** A body that is not, or only just, the JSON of its fields. */
export function hurtBody(fields: Fields, { below, chance, pick, json }: Generator): Uint8Array {
  const text = JSON.stringify(fields);
  switch (below(10)) {
    case 0:
      return Buffer.from(text.slice(0, below(text.length + 1)));
    case 1:
      return Buffer.from(pick(NO_JSON));
    case 2:
      return Buffer.from(JSON.stringify(json(4)));
    case 3:
      return Buffer.from(text.replace(/:("[^"]*"|\d+|true)/, `:${pick(RAW_VALUES)}`));
    case 4:
      return withByte(Buffer.from(text), below(text.length), pick([0x00, 0x80, 0xc3, 0xff, 0xed, 0xf8]));
    case 5:
      return Buffer.concat([Buffer.from(pick(["\ufeff", "\u2028", " ".repeat(1000)])), Buffer.from(text)]);
    case 6:
      return Buffer.from(text, "utf16le");
    case 7:
      return Buffer.from(chance(0.5) ? "[".repeat(30_000) : `${"[".repeat(20_000)}${"]".repeat(20_000)}`);
    case 8:
      return Buffer.from(
        text.replace(/"([^"]*)"(?=[,}])/, `"${"x".repeat(pick([9_000, 60_000, 64 * 1024, 70_000]))}"`),
      );
    default:
      return Buffer.from(Array.from({ length: below(300) }, () => below(256)));
  }
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const hurt = Buffer.from(bytes);
  hurt[at] = value;
  return hurt;
}
