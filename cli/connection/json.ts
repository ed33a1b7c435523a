/** What a text holds as JSON; `undefined` where it is something else, such as a proxy's page. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
