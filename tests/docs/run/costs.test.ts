import { afterAll, beforeAll, expect, it } from "vitest";
import { DATABASE_BYTES } from "../../../cli/cost/measured.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { snippets } from "../support/documents.ts";
import { heddle } from "../../integration/cli/run.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

it("Heddle's tables take as much of the database as docs/costs.md says", async () => {
  const [row] = await database.sql`
    select sum(pg_total_relation_size(oid))::int as bytes from pg_class
    where relnamespace = 'heddle'::regnamespace and relkind = 'r'`;
  expect(row?.bytes).toBeLessThan(DATABASE_BYTES);
});

it("docs/costs.md shows what the calculator prints", async () => {
  const commands = snippets("docs/costs.md", "sh");
  const shown = snippets("docs/costs.md", "text");
  expect(commands.length).toBe(shown.length);
  for (const [index, command] of commands.entries()) {
    const { code, stdout } = await heddle(command.replace("npm run heddle -- ", "").split(" "));
    expect({ code, stdout: stdout.trimEnd() }).toEqual({ code: 0, stdout: shown[index] });
  }
});
