import type * as z from "zod";
import { HeddleError } from "../../../../shared/errors.ts";

/** `value` as the schema describes it. Throws `invalid_request`, with one issue for each field that broke it. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    path: path.map(String).join("."),
    message,
  }));
  throw new HeddleError("invalid_request", "The request must follow the schema of this endpoint.", {
    issues,
  });
}

/** The query parameters as an object, empty ones left out; of a repeated one the first counts. */
export function queryOf(request: Request): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(request.url).searchParams) {
    if (value !== "" && !Object.hasOwn(query, name)) query[name] = value;
  }
  return query;
}
