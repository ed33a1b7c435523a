import type { ErrorBody } from "../../../shared/errors.ts";
import type { Problem } from "../types.ts";
import type { Failure } from "./result.ts";

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
