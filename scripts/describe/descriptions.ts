import { asyncApi } from "./asyncapi.ts";
import { openApi } from "./openapi.ts";

/** What is made from the schemas of shared: the text of each file, by its path from the project's folder. */
export function descriptions(): Record<string, string> {
  return { "docs/openapi.json": asJson(openApi()), "docs/asyncapi.json": asJson(asyncApi()) };
}

function asJson(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
