import type { Command } from "../command.ts";
import { connectDatabase } from "../connection/database.ts";
import type { Subject, Verdict } from "../doctor/check.ts";
import { examine } from "../doctor/examine.ts";
import { ask } from "../doctor/http.ts";
import { publishableKeyFault } from "../doctor/publishable_key.ts";
import { messageOf } from "../errors.ts";
import { wholeNumber } from "./input.ts";

export const doctor: Command = {
  name: "doctor",
  summary:
    "Examines a project: joins and tries to forge as a visitor, calls each function, reads policies and grants",
  parameters: [],
  options: {
    wait: { type: "string", value: "MS", help: "how long to wait for a forged broadcast; default 1500" },
    patience: { type: "string", value: "MS", help: "how long a broadcast may take to arrive; default 5000" },
  },
  examples: [
    "doctor",
    "doctor --url https://abc.supabase.co --publishable-key sb_publishable_… --json",
  ],
  partial: true,
  async run({ input, target, progress }) {
    const database = target.databaseUrl === undefined ? null : connectDatabase(target.databaseUrl);
    const { url, secretKey, publishableKey } = target;
    const silenceMs = wholeNumber(input.text("wait") ?? "1500", "--wait");
    const patienceMs = wholeNumber(input.text("patience") ?? "5000", "--patience");
    try {
      const fault = await progress("Connecting to the database", database?.fault() ?? Promise.resolve(null));
      const urlFault = url === undefined ? null : await progress("Reaching the project", faultOf(url));
      const given: Subject = {
        ...{ secretKey, publishableKey, silenceMs, patienceMs },
        ...(urlFault === null ? { url } : { urlFault }),
      };
      const keyFault = await publishableKeyFault(given);
      const subject: Subject = {
        ...given,
        ...(keyFault === null ? {} : { publishableKeyFault: keyFault }),
        ...(fault ? { databaseFault: fault.message.replace(/\.$/, "") } : { sql: database?.sql }),
      };
      const checks = await examine(subject, progress);
      const faults = checks.filter(({ status }) => status === "failed").length;
      const skipped = checks.filter(({ status }) => status === "unchecked").length;
      return {
        json: { ok: faults === 0, checks },
        text: [...checks.map(line), "", summaryOf(checks.length, faults, skipped)].join("\n"),
        failed: faults > 0,
      };
    } finally {
      await database?.close();
    }
  },
};

/** Why nothing answers at an address, in a sentence; `null` if something does, whatever it says. */
async function faultOf(url: string): Promise<string | null> {
  try {
    await ask(url);
    return null;
  } catch (error) {
    return messageOf(error).replace(/\.$/, "");
  }
}

function line(verdict: Verdict): string {
  if (verdict.status === "ok") return `✓ ${verdict.title}`;
  if (verdict.status === "unchecked") return `- ${verdict.title}: not checked, ${verdict.why}`;
  const mark = verdict.status === "advice" ? "!" : "✗";
  return `${mark} ${verdict.title}: ${verdict.found}\n    ${verdict.fix}`;
}

function summaryOf(all: number, faults: number, skipped: number): string {
  const found = faults === 0 ? "no fault" : count(faults, "fault");
  return skipped > 0 ? `${all - skipped} of ${all} checked, ${found}.` : `${count(all, "check")}, ${found}.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
