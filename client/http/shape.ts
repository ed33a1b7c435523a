import { isObject } from "../../shared/envelope.ts";

/**
 * What must hold of a value from outside before the engine relies on it, as a sample: its primitives stand for their
 * types, an array holds the sample of its rows, `?` marks a key that may be missing. Keys that nothing here could break on
 * are left out.
 */
export type Shape<Value> = Value extends string ? string
  : Value extends number ? number
  : Value extends boolean ? boolean
  : Value extends readonly (infer Row)[] ? readonly [Shape<Row>]
  : { readonly [Key in keyof Value as Marked<Value, Key>]?: Shape<Exclude<Value[Key], undefined>> };

type Marked<Value, Key extends keyof Value> = undefined extends Value[Key] ? `${Key & string}?` : Key;

/** True if `value` has all that `shape` asks for. It may have more: a later release's answer is read as well. */
export function fits<Value>(value: unknown, shape: Shape<Value>): value is Value {
  return matches(value, shape);
}

function matches(value: unknown, shape: unknown): boolean {
  if (Array.isArray(shape)) return Array.isArray(value) && value.every((row) => matches(row, shape[0]));
  if (!isObject(shape)) return typeof value === typeof shape;
  return isObject(value) && Object.entries(shape).every(([key, inner]) => {
    const name = nameOf(key);
    return (name !== key && value[name] === undefined) || matches(value[name], inner);
  });
}

/** A key of a shape without its mark. */
export function nameOf(key: string): string {
  return key.replace("?", "");
}
