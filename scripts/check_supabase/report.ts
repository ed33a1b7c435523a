import { countsOf, MARKS } from "../../cli/checks.ts";
import type { Verdict } from "./subject.ts";

const INDENT = "    ";

/** One line about a check, and under it what was found and what to do. */
export function lineOf({ check: { what, title }, ms, finding }: Verdict): string {
  const line = `${MARKS[finding.status]} ${what} ${title}`;
  if (finding.status === "unchecked") return `${line}: not checked, since ${finding.why}`;
  const timed = `${line} (${(ms / 1000).toFixed(1)} s)`;
  if (finding.status === "ok") return timed;
  return [timed, ...indented(finding.found), ...indented(`→ ${finding.fix}`)].join("\n");
}

/** Why a check was left out: what became of the one that it needs. */
export function leftOutBecause({ check: { what }, finding }: Verdict): string {
  return `${what} ${finding.status === "failed" ? "failed" : "was not checked"}`;
}

/** The last lines. */
export function summaryOf(verdicts: Verdict[]): string {
  const { ok, failed, unchecked } = countsOf(verdicts);
  const skipped = unchecked > 0 ? `${unchecked} not checked\n` : "";
  return `${skipped}${ok} passed, ${failed} failed`;
}

/** What `--json` prints. */
export function jsonOf(cli: string, verdicts: Verdict[]) {
  const { ok: passed, failed, unchecked } = countsOf(verdicts);
  const checks = verdicts.map(({ check: { id, what, title }, ms, finding }) => {
    const status = finding.status === "ok" ? "passed" : finding.status;
    return { id, what, title, ms, ...finding, status };
  });
  return { ok: failed === 0, cli, passed, failed, unchecked, checks };
}

function indented(text: string): string[] {
  return text.trimEnd().split("\n").map((line) => INDENT + line);
}
