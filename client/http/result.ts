import type { Problem } from "./problem.ts";

/** An answer, or the problem that stood in its place. */
export type Result<Value> = { ok: true; value: Value } | Failure;

export interface Failure {
  ok: false;
  problem: Problem;
}
