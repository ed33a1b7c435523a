import type { Verdict } from "./check.ts";

const MARKS = { passed: "✓", failed: "✗", unchecked: "-" };
const INDENT = "    ";

/** One line about a check, and under it what was found and what to do. */
export function lineOf({ what, title, ms, finding }: Verdict): string {
  const line = `${MARKS[finding.status]} ${what} ${title}`;
  if (finding.status === "unchecked") return `${line}: not checked, since ${finding.why}`;
  const timed = `${line} (${(ms / 1000).toFixed(1)} s)`;
  if (finding.status === "passed") return timed;
  return [timed, ...indented(finding.found), ...indented(`→ ${finding.fix}`)].join("\n");
}

/** The last lines. */
export function summaryOf(verdicts: Verdict[]): string {
  const { passed, failed, unchecked } = countsOf(verdicts);
  return [...(unchecked > 0 ? [`${unchecked} not checked`] : []), `${passed} passed, ${failed} failed`].join(
    "\n",
  );
}

/** What `--json` prints. */
export function jsonOf(cli: string, verdicts: Verdict[]) {
  return {
    ok: countsOf(verdicts).failed === 0,
    cli,
    ...countsOf(verdicts),
    checks: verdicts.map(({ id, what, title, ms, finding }) => ({ id, what, title, ms, ...finding })),
  };
}

function countsOf(verdicts: Verdict[]) {
  const count = (status: Verdict["finding"]["status"]) =>
    verdicts.filter(({ finding }) => finding.status === status).length;
  return { passed: count("passed"), failed: count("failed"), unchecked: count("unchecked") };
}

function indented(text: string): string[] {
  return text.trimEnd().split("\n").map((line) => INDENT + line);
}
