import { failed, OK } from "../../../cli/checks.ts";
import { plain, remote } from "../cli.ts";
import type { Check } from "../subject.ts";

export const advisors: Check = {
  id: "advisors",
  what: "db advisors --fail-on warn",
  title: "finds nothing to warn of",
  needs: ["migrations"],
  async run({ cli, databases }) {
    const args = ["db", "advisors", "--fail-on", "warn", "--level", "warn", remote(databases.bare)];
    const { ok, value, message } = await cli.ask<{ results?: Lint[] }>(args);
    const results = value?.results ?? [];
    if (ok && results.length === 0) return OK;
    return failed(
      results.map(({ level, detail, remediation }) => `${level} ${detail}\n  ${remediation}`).join("\n") ||
        message,
      "Mend it in a new migration: what is released is never edited.",
    );
  },
};

interface Lint {
  level: string;
  detail: string;
  remediation: string;
}

export const drift: Check = {
  id: "drift",
  what: "db diff",
  title: "finds no difference between the CLI's database and that of npm start",
  needs: ["migrations", "local-up-to-date"],
  async run({ cli, databases }) {
    const { ok, value, message } = await cli.ask<{ diff: string }>([
      ...["db", "diff", "--use-pg-delta"],
      ...["--from", plain(databases.bare), "--to", plain(databases.migrated)],
    ]);
    if (!ok || !value) return failed(message, "Look at what the CLI could not compare.");
    if (value.diff.trim() === "") return OK;
    return failed(
      `The database of npm start is the other one after:\n${value.diff.trim()}`,
      "Make local/postgres apply migrations as the CLI does.",
    );
  },
};
