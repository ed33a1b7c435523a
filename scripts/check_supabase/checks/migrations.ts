import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { failed, OK } from "../../../cli/checks.ts";
import { remote } from "../cli.ts";
import type { Check } from "../subject.ts";

export const config: Check = {
  id: "config",
  what: "migration list",
  title: "reads supabase/config.toml and the migrations' names",
  needs: [],
  async run({ cli, databases, project }) {
    const { ok, value, message } = await cli.ask<List>(["migration", "list", remote(databases.bare)]);
    if (!ok) return failed(message, "Correct supabase/config.toml.");
    const files = await migrationFiles(project);
    const unread = files.filter((file) =>
      !value?.migrations.some(({ local }) => file.startsWith(`${local}_`))
    );
    if (unread.length === 0) return OK;
    return failed(
      `It does not see ${unread.join(", ")}.`,
      "Name migrations <14 digits of the time>_<name>.sql.",
    );
  },
};

export const migrations: Check = {
  id: "migrations",
  what: "migration up",
  title: "applies every migration to a new project",
  needs: ["config"],
  async run({ cli, databases }) {
    const { ok, message } = await cli.ask(["migration", "up", "--yes", remote(databases.bare)]);
    return ok ? OK : failed(
      fromLastMigration(message),
      "Correct the migration it names; hosted Supabase would refuse it in the same way.",
    );
  },
};

export const history: Check = {
  id: "history",
  what: "migration list",
  title: "finds every migration recorded",
  needs: ["migrations"],
  async run({ cli, databases }) {
    const { ok, value, message } = await cli.ask<List>(["migration", "list", remote(databases.bare)]);
    if (!ok || !value) return failed(message, "Look at what the CLI could not read.");
    const halves = value.migrations.filter(({ local, remote }) => local !== remote);
    if (value.migrations.length > 0 && halves.length === 0) return OK;
    return failed(
      halves.map(({ local, remote }) => `here: ${local || "-"}  in the database: ${remote || "-"}`).join(
        "\n",
      ),
      "Give every migration a version of its own, later than all that are released.",
    );
  },
};

/** What the CLI says from the migration on that did not apply. */
function fromLastMigration(message: string): string {
  return message.slice(Math.max(0, message.lastIndexOf("Applying migration ")));
}

interface List {
  migrations: { local: string; remote: string }[];
}

async function migrationFiles(project: string): Promise<string[]> {
  return (await readdir(join(project, "supabase/migrations"))).filter((name) => name.endsWith(".sql"));
}
