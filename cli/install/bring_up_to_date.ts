import type { Sql } from "postgres";
import { createPushKeys } from "../../shared/push_keys.ts";
import { connectDatabase, explained } from "../connection/database.ts";
import { CliError } from "../errors.ts";
import type { Progress } from "../output/progress.ts";
import { applyMigration } from "./apply.ts";
import { migrationFiles } from "./migrations.ts";
import { pendingMigrations } from "./plan.ts";

export interface Plan {
  /** Whether to report what is pending, and apply nothing. */
  dryRun: boolean;
  progress: Progress;
  /** Called for each migration that was applied. */
  applied(name: string): void;
}

export interface Migrated {
  /** How many migrations this version has. */
  all: number;
  /** Names of those that the database did not have. */
  pending: string[];
  /** Those of them that this call applied: none with a dry run, or if another installation was faster. */
  applied: string[];
}

/** Applies this version's migrations that a database does not have. Throws a `CliError`; repeating it continues from there. */
export async function bringUpToDate(databaseUrl: string, plan: Plan): Promise<Migrated> {
  const database = connectDatabase(databaseUrl);
  try {
    const files = await migrationFiles();
    const pending = await plan.progress(
      "Reading the database",
      database.sql.begin((tx) => pendingMigrations(tx, files)),
    ).catch((error: unknown) => {
      throw error instanceof CliError ? error : explained(error, databaseUrl);
    });
    const applied: string[] = [];
    for (const file of plan.dryRun ? [] : pending) {
      const name = nameOf(file);
      if (!await plan.progress(`Applying ${name}`, applyMigration(database.sql, file))) continue;
      applied.push(name);
      plan.applied(name);
    }
    if (!plan.dryRun) await keepPushKeys(database.sql);
    return { all: files.length, pending: pending.map(nameOf), applied };
  } finally {
    await database.close();
  }
}

/** Browsers subscribe to pushes under this key for good: it is made once. */
async function keepPushKeys(sql: Sql): Promise<void> {
  const [known] = await sql`select from heddle.push_keys`;
  if (known) return;
  const { publicKey, privateKey } = await createPushKeys();
  await sql`select heddle_api.keep_push_keys(${publicKey}, ${privateKey})`;
}

function nameOf({ version, name }: { version: string; name: string }): string {
  return `${version}_${name}`;
}
