import type { Signature } from "./signatures.ts";

/** What makes one SQL text: the same call with the same argument names always gives the same one. */
export interface FunctionCall {
  schema: string;
  name: string;
  /** Names of the arguments that are given. */
  given: string[];
  signature: Signature;
}

/**
 * The statement that calls a function with its arguments in one JSON object, `$1`, and answers one row with the
 * result as JSON text in `body`.
 */
export function callStatement({ schema, name, given, signature }: FunctionCall): string {
  const used = signature.parameters.filter((parameter) => given.includes(parameter.name));
  const columns = used.map(({ name, type }) => `${quoted(name)} ${type}`).join(", ");
  const args = used.map(({ name, variadic }) =>
    `${variadic ? "variadic " : ""}${quoted(name)} => args.${quoted(name)}`
  );
  const source = used.length > 0
    ? `(select * from json_to_record($1::text::json) as given (${columns})) args`
    : "(select $1::text) args";
  const call = `${quoted(schema)}.${quoted(name)}(${args.join(", ")})`;
  return `select ${resultOf(signature)} as body from ${source}, lateral ${call} result`;
}

function resultOf({ returnsVoid, returnsSet }: Signature): string {
  if (returnsVoid) return "count(*)::text";
  return returnsSet ? "coalesce(json_agg(result), '[]')::text" : "(json_agg(result) -> 0)::text";
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
