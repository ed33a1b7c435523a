import type { TransactionSql } from "postgres";
import { Failure } from "../errors.ts";
import type { MigrationFile } from "./files.ts";
import { type History, lockInstallation, readHistory } from "./history.ts";
import { obstacle } from "./obstacles.ts";

/** The migrations that are to be applied, in order. Throws a `Failure` when something is in the way of them. */
export async function pendingMigrations(
  tx: TransactionSql,
  files: MigrationFile[],
): Promise<MigrationFile[]> {
  await lockInstallation(tx);
  const history = await readHistory(tx, files);
  const pending = files.filter(({ version }) => !history.applied.has(version));
  if (history.by === "cli" && pending.length > 0) {
    throw new Failure(
      "The Supabase CLI keeps Heddle's migrations in this database: apply the new ones with supabase db push --remote (npm start applies its own).",
    );
  }
  if (history.by === "install") refuseAnotherPast(files, history);
  const inTheWay = history.by === "nobody" ? await obstacle(tx) : null;
  if (inTheWay !== null) throw new Failure(inTheWay);
  return pending;
}

function refuseAnotherPast(files: MigrationFile[], { applied }: History): void {
  const unknown = [...applied.keys()].filter((version) => !files.some((file) => file.version === version));
  if (unknown.length > 0) {
    throw new Failure(
      `The database is ahead of this checkout (it has ${unknown.join(", ")}): update the checkout first.`,
    );
  }
  const changed = files.find(({ version, checksum }) => (applied.get(version) ?? checksum) !== checksum);
  if (changed) {
    throw new Failure(
      `The database has another ${changed.version}_${changed.name} than this checkout: use the checkout that installed it, or a later release.`,
    );
  }
}
