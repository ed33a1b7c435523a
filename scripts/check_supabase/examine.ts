import { type Check, failed, type Finding, type Subject, type Verdict } from "./check.ts";
import { advisors } from "./checks/advisors.ts";
import { deploy } from "./checks/deploy.ts";
import { documents } from "./checks/documents.ts";
import { drift } from "./checks/drift.ts";
import { config, history, migrations } from "./checks/migrations.ts";
import { ownDeploy } from "./checks/own_deploy.ts";
import { localUpToDate, seed, upToDate } from "./checks/push.ts";
import { types } from "./checks/types.ts";
import { uploadedFunction } from "./checks/uploaded_function.ts";
import { messageOf } from "./failure.ts";

/**
 * In the order of the report; a check comes after those it needs.
 * @param deno such as "Deno 2.1.4"
 * @param own whether it is the checkout that this program belongs to
 */
export function allChecks(slugs: string[], deno: string, own: boolean): Check[] {
  return [
    config,
    migrations,
    history,
    seed,
    upToDate,
    localUpToDate,
    drift,
    advisors,
    types,
    deploy(slugs),
    ...slugs.map((slug) => uploadedFunction(slug, deno)),
    ...(own ? [ownDeploy] : []),
    documents,
  ];
}

/** Runs the checks one after another and tells each verdict as soon as it is known. */
export async function examine(
  checks: Check[],
  subject: Subject,
  tell: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const check of checks) {
    const from = performance.now();
    const missing = verdicts.find(({ id, finding }) =>
      check.needs.includes(id) && finding.status !== "passed"
    );
    const finding = missing
      ? unchecked(missing)
      : await check.run(subject).catch((error: unknown) =>
        failed(messageOf(error), "Correct that, then run this again.")
      );
    const { id, what, title } = check;
    const verdict = { id, what, title, ms: Math.round(performance.now() - from), finding };
    verdicts.push(verdict);
    tell(verdict);
  }
  return verdicts;
}

function unchecked({ what, finding }: Verdict): Finding {
  return {
    status: "unchecked",
    why: `${what} ${finding.status === "failed" ? "failed" : "was not checked"}`,
  };
}
