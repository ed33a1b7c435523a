/** The value of a JSON text; `undefined` for one that is malformed, which the protocols drop. */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // as the docstring says
  }
}

export function refOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
