import type { Command } from "../command.ts";
import { connectDatabase } from "../connection/database.ts";
import type { Verdict } from "../doctor/check.ts";
import { examine } from "../doctor/examine.ts";
import { wholeNumber } from "../input.ts";

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
  async run({ input, target, progress }) {
    const database = target.databaseUrl === undefined ? null : connectDatabase(target.databaseUrl);
    const { url, secretKey, publishableKey } = target;
    const silenceMs = wholeNumber(input.text("wait") ?? "1500", "--wait");
    const patienceMs = wholeNumber(input.text("patience") ?? "5000", "--patience");
    try {
      const fault = await progress("Connecting to the database", database?.fault() ?? Promise.resolve(null));
      const subject = {
        ...{ url, secretKey, publishableKey, silenceMs, patienceMs },
        ...(fault ? { databaseFault: fault.message.replace(/\.$/, "") } : { sql: database?.sql }),
      };
      const checks = await examine(subject, progress);
      const faults = checks.filter(({ status }) => status === "failed").length;
      const skipped = checks.filter(({ status }) => status === "unchecked").length;
      const summary =
        `${faults === 0 ? "No fault found" : count(faults, "fault")} in ${count(checks.length, "check")}` +
        (skipped > 0 ? `, ${skipped} not checked` : "");
      return {
        json: { ok: faults === 0, checks },
        text: [...checks.map(line), "", `${summary}.`].join("\n"),
        failed: faults > 0,
      };
    } finally {
      await database?.close();
    }
  },
};

function line(verdict: Verdict): string {
  if (verdict.status === "ok") return `✓ ${verdict.title}`;
  if (verdict.status === "unchecked") return `- ${verdict.title}: not checked, ${verdict.why}`;
  const mark = verdict.status === "advice" ? "!" : "✗";
  return `${mark} ${verdict.title}: ${verdict.found}\n    ${verdict.fix}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
