import { countsOf, examine, MARKS, type Verdict } from "../checks.ts";
import type { Command, Env } from "../command.ts";
import { connectDatabase } from "../connection/database.ts";
import { ask } from "../connection/http.ts";
import { MANAGEMENT_URL, openManagementApi, secretNames } from "../deploy/management_api.ts";
import { type Site, siteOf } from "../deploy/site.ts";
import { publishableKeyFault } from "../doctor/checks/access.ts";
import { CHECKS } from "../doctor/checks/index.ts";
import type { Check, Subject } from "../doctor/subject.ts";
import { messageOf } from "../errors.ts";
import { leftOutHere } from "../init/left_out.ts";
import { managementUrl, wholeNumber } from "./input.ts";

export const doctor: Command = {
  name: "doctor",
  summary:
    "Checks a project: joins and tries to forge as a visitor, calls each function, reads policies and grants",
  parameters: [],
  options: {
    wait: { type: "string", value: "MS", help: "how long to wait for a forged broadcast; default 1500" },
    project: {
      type: "string",
      value: "FOLDER",
      help: "your project's folder, if init left functions out there; default: the one you are in",
    },
    patience: { type: "string", value: "MS", help: "how long a broadcast may take to arrive; default 5000" },
  },
  examples: [
    "doctor",
    "doctor --url https://abc.supabase.co --publishable-key sb_publishable_… --json",
  ],
  needs: "any part",
  async run({ input, target, terminal, progress }) {
    const database = target.databaseUrl === undefined ? null : connectDatabase(target.databaseUrl);
    const { url, secretKey, publishableKey } = target;
    const silenceMs = wholeNumber(input.text("wait") ?? "1500", "--wait");
    const patienceMs = wholeNumber(input.text("patience") ?? "5000", "--patience");
    try {
      const fault = await progress("Connecting to the database", database?.fault() ?? Promise.resolve(null));
      const urlFault = url === undefined ? null : await progress("Reaching the project", faultOf(url));
      const given: Subject = {
        ...{ secretKey, publishableKey, silenceMs, patienceMs },
        leftOut: await leftOutHere(input.text("project"), terminal.env),
        secretNames: target.local
          ? undefined
          : secretNamesOf(siteOf(target, input, terminal.env), terminal.env),
        ...(urlFault === null ? { url } : { urlFault }),
      };
      const keyFault = await publishableKeyFault(given);
      const subject: Subject = {
        ...given,
        ...(keyFault === null ? {} : { publishableKeyFault: keyFault }),
        ...(fault ? { databaseFault: fault.message.replace(/\.$/, "") } : { sql: database?.sql }),
      };
      const verdicts = await progress("Examining the project (a refused join takes 5 s)", examined(subject));
      const { failed } = countsOf(verdicts);
      return {
        json: { ok: failed === 0, checks: verdicts.map(asJson) },
        text: [...verdicts.map(lineOf), "", summaryOf(verdicts)].join("\n"),
        failed: failed > 0,
      };
    } finally {
      await database?.close();
    }
  },
};

function examined(subject: Subject): Promise<Verdict<Check>[]> {
  return examine(CHECKS, subject, {
    atOnce: CHECKS.length,
    fix: "Check the address, the keys and your connection, then run doctor again.",
    because: ({ check }) => `${check.id} did not succeed`,
  });
}

/** Reads the names of a hosted project's secrets; `undefined` without an access token. */
function secretNamesOf({ ref, token }: Site, env: Env): Subject["secretNames"] {
  if (ref === undefined || token === undefined) return undefined;
  const baseUrl = managementUrl(env["HEDDLE_MANAGEMENT_URL"] || MANAGEMENT_URL);
  return () => secretNames(openManagementApi({ baseUrl, ref, token }));
}

/** Why an address does not answer, in a sentence; `null` if it answers anything. */
async function faultOf(url: string): Promise<string | null> {
  try {
    await ask(url);
    return null;
  } catch (error) {
    return messageOf(error).replace(/\.$/, "");
  }
}

function asJson({ check: { id, title }, finding }: Verdict<Check>) {
  return { id, title, ...finding };
}

function lineOf({ check: { title }, finding }: Verdict<Check>): string {
  const line = `${MARKS[finding.status]} ${title}`;
  if (finding.status === "ok") return line;
  if (finding.status === "unchecked") return `${line}: not checked, ${finding.why}`;
  return `${line}: ${finding.found}\n    ${finding.fix}`;
}

function summaryOf(verdicts: Verdict<Check>[]): string {
  const { failed, unchecked } = countsOf(verdicts);
  const found = failed === 0 ? "no fault" : counted(failed, "fault");
  const all = verdicts.length;
  return unchecked > 0
    ? `${all - unchecked} of ${all} checked, ${found}.`
    : `${counted(all, "check")}, ${found}.`;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
