import { literal, quoted } from "./quoting.ts";
import type { Signature } from "./signatures.ts";

export interface FunctionRequest {
  schema: string;
  name: string;
  /** Names of the arguments. */
  given: string[];
  /** The arguments: a JSON object. */
  body: string;
}

/** The statement that calls a function and answers one row with the result as JSON text in `body`. */
export function callStatement(request: FunctionRequest, signature: Signature): string {
  const { schema, name, given, body } = request;
  const used = signature.parameters.filter((parameter) => given.includes(parameter.name));
  const columns = used.map(({ name, type }) => `${quoted(name)} ${type}`).join(", ");
  const args = used.map(({ name, variadic }) =>
    `${variadic ? "variadic " : ""}${quoted(name)} => args.${quoted(name)}`
  );
  const source = used.length > 0
    ? `(select * from json_to_record(${literal(body)}::json) as given (${columns})) args`
    : "(select) args";
  const call = `${quoted(schema)}.${quoted(name)}(${args.join(", ")})`;
  return `select ${resultOf(signature)} as body from ${source}, lateral ${call} result`;
}

function resultOf({ returnsVoid, returnsSet }: Signature): string {
  if (returnsVoid) return "count(*)::text";
  return returnsSet ? "coalesce(json_agg(result), '[]')::text" : "(json_agg(result) -> 0)::text";
}
