import type { ErrorBody, ErrorCode } from "../../shared/errors.ts";

import type { Failure } from "./result.ts";

/** What a browser finds out itself; every other code comes from a function. */
export const BROWSER_CODES = ["network", "storage_blocked"] as const;

/**
 * What went wrong. `code` is stable; `network` means that no answer came, and `storage_blocked` that the browser keeps
 * nothing beyond this page. `message` is for developers, but with `source_rejected` the owner's words to the visitor.
 */
export interface Problem {
  code: ErrorCode | typeof BROWSER_CODES[number];
  message: string;
}

/** Codes with which the owner may have done what was asked all the same. */
const UNCERTAIN = new Set<string>([
  "network",
  "internal",
  "source_failed",
  "source_invalid",
  "source_timeout",
]);

export function isUncertain({ code }: Problem): boolean {
  return UNCERTAIN.has(code);
}

/** True if the same request may succeed later. */
export function isTemporary(problem: Problem): boolean {
  return isUncertain(problem) || problem.code === "rate_limited";
}

/** No answer came: offline, blocked, or too slow. */
export function unreachable(): Failure {
  return { ok: false, problem: { code: "network", message: "No answer came. Is the connection up?" } };
}

/** Reads a refusal. Whatever is not an error body (a proxy's page) counts as `internal`. */
export async function readProblem(response: Response): Promise<Failure> {
  const body: Partial<ErrorBody> | null = await response.json().catch(() => null);
  const { code = "internal", message = `The server answered with status ${response.status}.`, issues = [] } =
    body?.error ?? {};
  const fields = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return { ok: false, problem: { code, message: fields ? `${message} ${fields}` : message } };
}
