import { failed, OK, unchecked } from "../../checks.ts";
import { migrationFiles, readHistory } from "../../install/migrations.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { type Check, NO_DATABASE } from "../subject.ts";

export const database: Check = {
  id: "database",
  title: "The database answers",
  run({ sql, databaseFault }) {
    if (databaseFault !== undefined) {
      return Promise.resolve(
        failed(
          databaseFault,
          "Copy its address from Dashboard → Connect; without IPv6 use the session pooler.",
        ),
      );
    }
    return Promise.resolve(sql ? OK : NO_DATABASE);
  },
};

export const migrations: Check = {
  id: "migrations",
  title: "The database has this version's migrations",
  async run({ sql }) {
    if (!sql) return NO_DATABASE;
    const files = await migrationFiles();
    const { by, applied } = await sql.begin((tx) => readHistory(tx, files));
    if (by === "nobody") {
      const [there] = await sql`select exists (select from pg_namespace where nspname = 'heddle') as heddle`;
      if (there?.heddle) return unchecked("the database keeps no record of Heddle's migrations");
      return failed("Heddle is not there", `Apply the migrations: ${HEDDLE} install.`);
    }
    const absent = files.filter(({ version }) => !applied.has(version)).map(({ version }) => version);
    if (absent.length === 0) return OK;
    const how = by === "cli" ? "supabase db push --remote" : `${HEDDLE} install`;
    return failed(`${absent.join(", ")} not applied yet`, `Apply what is new: ${how}.`);
  },
};
