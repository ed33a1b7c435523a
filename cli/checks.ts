/** Runs checks of anything and keeps their findings; `doctor` and `npm run check:supabase` print them. */
import { messageOf } from "./errors.ts";

export type Finding =
  | { status: "ok" }
  /** `found` is the fault, `fix` what to do about it. */
  | { status: "failed"; found: string; fix: string }
  /** Nothing is wrong, but something could be better. */
  | { status: "advice"; found: string; fix: string }
  | { status: "unchecked"; why: string };

export interface Check<Subject> {
  /** Stable, for `--json`. */
  id: string;
  /** What holds when all is well. */
  title: string;
  /** Ids of earlier checks without whose success this one is meaningless. */
  needs?: readonly string[];
  run(subject: Subject): Promise<Finding>;
}

export interface Verdict<Of> {
  check: Of;
  finding: Finding;
  /** Milliseconds. */
  ms: number;
}

/** In front of a verdict's line. */
export const MARKS: Record<Finding["status"], string> = { ok: "✓", failed: "✗", advice: "!", unchecked: "-" };

export const OK: Finding = { status: "ok" };

export function failed(found: string, fix: string): Finding {
  return { status: "failed", found: found || "It said nothing.", fix };
}

export function advice(found: string, fix: string): Finding {
  return { status: "advice", found, fix };
}

export function unchecked(why: string): Finding {
  return { status: "unchecked", why };
}

export interface Examination<Of> {
  /** How many checks may run at the same time. */
  atOnce: number;
  /** What to do about a check that throws. */
  fix: string;
  /** Why a check was left out: what became of the one that it needs. */
  because(needed: Verdict<Of>): string;
  /** Called with each verdict as soon as it is known. */
  tell?(verdict: Verdict<Of>): void;
}

/** Runs the checks, each after those that it needs; one that throws has failed. Returns the verdicts in the order of the checks. */
export async function examine<Subject, Of extends Check<Subject>>(
  checks: readonly Of[],
  subject: Subject,
  { atOnce, fix, because, tell = () => undefined }: Examination<Of>,
): Promise<Verdict<Of>[]> {
  const verdicts: Promise<Verdict<Of>>[] = [];
  const running = new Set<Promise<unknown>>();
  for (const check of checks) {
    const needed = checks.flatMap(({ id }, index) =>
      check.needs?.includes(id) ? verdicts.slice(index, index + 1) : []
    );
    while (running.size >= atOnce) await Promise.race(running);
    const verdict = verdictOf(check, needed);
    verdicts.push(verdict);
    running.add(verdict);
    verdict.then(() => running.delete(verdict));
  }
  return await Promise.all(verdicts);

  async function verdictOf(check: Of, needed: Promise<Verdict<Of>>[]): Promise<Verdict<Of>> {
    const missing = (await Promise.all(needed)).find(({ finding }) => finding.status !== "ok");
    const from = performance.now();
    const finding = missing
      ? unchecked(because(missing))
      : await check.run(subject).catch((error: unknown) => failed(messageOf(error), fix));
    const verdict = { check, finding, ms: Math.round(performance.now() - from) };
    tell(verdict);
    return verdict;
  }
}

/** How many verdicts have each status. */
export function countsOf(verdicts: readonly Verdict<unknown>[]): Record<Finding["status"], number> {
  const counts = { ok: 0, failed: 0, advice: 0, unchecked: 0 };
  for (const { finding } of verdicts) counts[finding.status]++;
  return counts;
}

/**
 * The worst of several findings about one thing: a fault, else what is known to hold, else why nothing is known. The
 * last finding counts most among the latter.
 */
export function worst(...findings: [Finding, ...Finding[]]): Finding {
  const [first] = findings;
  return findings.find(({ status }) => status === "failed") ??
    findings.find(({ status }) => status === "ok") ?? findings.at(-1) ?? first;
}
