import type { Ref } from "./codec.ts";

/** The value of a JSON text; `undefined` for one that is malformed, which the protocols drop. */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // as the docstring says
  }
}

/** References come back as they were sent: most clients send text, some numbers. */
export function refOf(value: unknown): Ref {
  return typeof value === "string" || typeof value === "number" ? value : null;
}
