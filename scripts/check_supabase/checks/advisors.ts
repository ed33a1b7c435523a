import { type Check, failed, PASSED } from "../check.ts";
import { remote } from "./remote.ts";

export const advisors: Check = {
  id: "advisors",
  what: "db advisors --fail-on warn",
  title: "finds nothing to warn of",
  needs: ["migrations"],
  async run({ cli, databases }) {
    const words = ["db", "advisors", "--fail-on", "warn", "--level", "warn", remote(databases.bare)];
    const { ok, value, words: said } = await cli.ask<{ results?: Lint[] }>(words);
    const results = value?.results ?? [];
    if (ok && results.length === 0) return PASSED;
    return failed(
      results.map(({ level, detail, remediation }) => `${level} ${detail}\n  ${remediation}`).join("\n") ||
        said,
      "Mend it in a new migration: what is released is never edited.",
    );
  },
};

interface Lint {
  level: string;
  detail: string;
  remediation: string;
}
