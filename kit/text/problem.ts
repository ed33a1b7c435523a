import type { Problem } from "../../client/http/problem.ts";
import type { Strings } from "../strings/en.ts";

/** What a visitor is told: words of the catalogue, or the owner's own where the owner refused. */
export function problemText({ code, message }: Problem, { problems }: Strings): string {
  if (code === "source_rejected") return message;
  return Object.hasOwn(problems, code) ? problems[code as keyof typeof problems] : problems.other;
}
