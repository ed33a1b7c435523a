import { migrationFiles } from "../../install/files.ts";
import { readHistory } from "../../install/history.ts";
import { type Check, failed, NO_DATABASE, OK, unchecked } from "../check.ts";

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
      return failed("Heddle is not there", "Apply the migrations: npm run heddle -- install.");
    }
    const absent = files.filter(({ version }) => !applied.has(version)).map(({ version }) => version);
    if (absent.length === 0) return OK;
    const how = by === "cli" ? "supabase db push --remote" : "npm run heddle -- install";
    return failed(`${absent.join(", ")} not applied yet`, `Apply what is new: ${how}.`);
  },
};
