import { expect } from "vitest";

/** A `WebhookError` whose detail, which the owner reads, holds the text. */
export function detail(text: string | RegExp): unknown {
  return expect.objectContaining({
    detail: typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text),
  });
}
