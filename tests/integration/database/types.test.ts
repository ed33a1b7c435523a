import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

const TYPES = fileURLToPath(
  new URL("../../../supabase/functions/_shared/database/database_types.ts", import.meta.url),
);

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

// Without the Supabase CLI; npm run check:supabase compares the whole file. When it fails: npm run check:supabase -- --write-types
it("the generated types name every function that may be called, with its arguments", async () => {
  const functions = await database.sql<{ name: string; args: string[] }[]>`
    select p.proname as name, array(
      select argument || case when at > p.pronargs - p.pronargdefaults then '?' else '' end
      from unnest(p.proargnames) with ordinality as named (argument, at) order by argument collate "C"
    ) as args
    from pg_proc p where p.pronamespace = 'heddle_api'::regnamespace order by p.proname collate "C"`;
  const [, block = ""] = /Functions: \{([\s\S]*)\n {4}Enums:/.exec(readFileSync(TYPES, "utf8")) ?? [];
  const typed = [...block.matchAll(/"(\w+)": \{\s*Args: (\{[^}]*\}|Record<[^>]*>)/g)].map(
    ([, name, args = ""]) => ({
      name,
      args: [...args.matchAll(/"(\w+)"(\??):/g)].map(([, arg, opt]) => `${arg}${opt}`),
    }),
  );
  expect(typed).toEqual([...functions]);
});
