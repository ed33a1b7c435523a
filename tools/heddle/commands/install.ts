import type { Command } from "../command.ts";
import { connectDatabase, explained } from "../connection/database.ts";
import { Failure } from "../failure.ts";
import { applyMigration } from "../install/apply.ts";
import { migrationFiles } from "../install/files.ts";
import { pendingMigrations } from "../install/plan.ts";
import { progress } from "../output/progress.ts";

const NEXT =
  `Next: add heddle_api under Project Settings → Data API → Exposed schemas, deploy the functions, then
npm run heddle -- doctor`;

export const install: Command = {
  name: "install",
  summary: "Applies Heddle's SQL to an existing project; again, only what is new",
  parameters: [],
  options: { "dry-run": { type: "boolean", help: "say what would be applied, and apply nothing" } },
  examples: ["install --database-url postgresql://postgres:…@db.abc.supabase.co:5432/postgres"],
  async run({ input, target: { databaseUrl } }) {
    if (databaseUrl === undefined) {
      throw new Failure("install needs --database-url: it makes schemas and policies.");
    }
    const database = connectDatabase(databaseUrl);
    try {
      const files = await migrationFiles();
      const pending = await progress(
        "Reading the database",
        database.sql.begin((tx) => pendingMigrations(tx, files)),
      ).catch(
        (error: unknown) => {
          throw error instanceof Failure ? error : explained(error, databaseUrl);
        },
      );
      const names = pending.map(({ version, name }) => `${version}_${name}`);
      if (pending.length === 0) {
        return {
          json: { applied: [] },
          text: `Up to date: the database has all ${files.length} migrations.`,
        };
      }
      if (input.flag("dry-run")) {
        return {
          json: { pending: names },
          text: `Would apply:\n${names.map((name) => `  ${name}`).join("\n")}`,
        };
      }
      const applied: string[] = [];
      for (const file of pending) {
        const name = `${file.version}_${file.name}`;
        if (!await progress(`Applying ${name}`, applyMigration(database.sql, file))) continue;
        applied.push(name);
        if (!input.flag("json")) console.error(`  ✓ ${name}`);
      }
      const what = pending.length === files.length ? "Installed Heddle" : "Upgraded Heddle";
      return { json: { applied }, text: `${what}: ${applied.length} migrations applied.\n\n${NEXT}` };
    } finally {
      await database.close();
    }
  },
};
