import { readdir } from "node:fs/promises";
import { type Check, failed, OK, unchecked } from "../check.ts";

const FOLDER = new URL("../../../../supabase/migrations/", import.meta.url);

export const migrations: Check = {
  id: "migrations",
  title: "The database has this version's migrations",
  async run({ sql }) {
    if (!sql) return unchecked("needs --database-url");
    const [there] = await sql`
      select to_regclass('heddle.agents') is not null as tables,
        to_regclass('supabase_migrations.schema_migrations') is not null as history`;
    if (!there?.tables) return failed("Heddle is not there", "Apply the migrations: supabase db push.");
    if (!there.history) return unchecked("the database keeps no record of migrations");
    const rows = await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`;
    const applied = rows.map(({ version }) => version);
    const wanted = (await readdir(FOLDER)).flatMap((file) => /^(\d+)_.*\.sql$/.exec(file)?.[1] ?? []);
    const absent = wanted.filter((version) => !applied.includes(version));
    if (absent.length === 0) return OK;
    return failed(`${absent.join(", ")} not applied yet`, "Apply what is new: supabase db push.");
  },
};
