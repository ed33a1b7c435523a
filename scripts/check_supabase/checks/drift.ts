import { type Check, failed, PASSED } from "../check.ts";
import { plain } from "./remote.ts";

export const drift: Check = {
  id: "drift",
  what: "db diff",
  title: "finds no difference between the CLI's database and that of npm start",
  needs: ["migrations", "local-up-to-date"],
  async run({ cli, databases }) {
    const { ok, value, words } = await cli.ask<{ diff: string }>([
      ...["db", "diff", "--use-pg-delta"],
      ...["--from", plain(databases.bare), "--to", plain(databases.migrated)],
    ]);
    if (!ok || !value) return failed(words, "Look at what the CLI could not compare.");
    if (value.diff.trim() === "") return PASSED;
    return failed(
      `The database of npm start is the other one after:\n${value.diff.trim()}`,
      "Make local/postgres apply migrations as the CLI does.",
    );
  },
};
