import { failed, type Finding, OK } from "../../../cli/checks.ts";
import { remote } from "../cli.ts";
import type { Check, Subject } from "../subject.ts";

export const seed: Check = {
  id: "seed",
  what: "db push --include-seed",
  title: "applies the seed",
  needs: ["migrations"],
  async run({ cli, databases }) {
    const args = ["db", "push", "--include-seed", "--yes", remote(databases.bare)];
    const { ok, value, message } = await cli.ask<Push>(args);
    if (ok && value?.seeds.includes("supabase/seed.sql")) return OK;
    return failed(message, "Correct supabase/seed.sql; it runs as postgres, who is not a superuser.");
  },
};

export const upToDate: Check = {
  id: "up-to-date",
  what: "db push --dry-run",
  title: "has nothing left to push after that",
  needs: ["seed"],
  run: ({ cli, databases }) =>
    nothingToPush(cli, databases.bare, "Look at what it would push: something is applied, but not recorded."),
};

export const localUpToDate: Check = {
  id: "local-up-to-date",
  what: "db push --dry-run",
  title: "has nothing to push into the database of npm start",
  needs: ["config"],
  async run({ cli, databases }) {
    const fix = "Make local/postgres/migrations.ts and seed.ts apply and record what the CLI does.";
    if (databases.problem !== undefined) {
      return failed(databases.problem, `Correct the migration, if migration up refuses it too. Else: ${fix}`);
    }
    return await nothingToPush(cli, databases.migrated, fix);
  },
};

interface Push {
  upToDate: boolean;
  seeds: string[];
}

async function nothingToPush(cli: Subject["cli"], databaseUrl: string, fix: string): Promise<Finding> {
  const args = ["db", "push", "--dry-run", "--include-seed", remote(databaseUrl)];
  const { ok, value, message } = await cli.ask<Push>(args);
  return ok && value?.upToDate ? OK : failed(message, fix);
}
