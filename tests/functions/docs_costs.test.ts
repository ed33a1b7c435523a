import { afterAll, beforeAll, expect, it } from "vitest";
import { DEMO_AGENT } from "../../local/demo_agent.ts";
import { BYTES_PER_ANONYMOUS_VISITOR } from "../../tools/heddle/cost/measured.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { snippets } from "../support/docs.ts";
import { heddle } from "./heddle/run.ts";

const VISITORS = 5000;
const MEGABYTE = 1_000_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

async function bytesOf(tables: string): Promise<number> {
  const [row] = await database.sql`
    select sum(pg_total_relation_size(oid))::int as bytes from pg_class
    where relnamespace = 'heddle'::regnamespace and relkind = 'r' and relname like ${tables}`;
  return row?.bytes;
}

it("Heddle's tables and anonymous visitors take as much of the database as docs/costs.md says", async () => {
  expect(await bytesOf("%")).toBeLessThan(MEGABYTE);
  await database.sql`
    insert into heddle.visitors (agent_id, token_hash)
    select ${DEMO_AGENT.id}, encode(sha256(n::text::bytea), 'hex') from generate_series(1, ${VISITORS}) n`;
  const each = await bytesOf("visitors") / VISITORS;
  expect(each).toBeLessThan(BYTES_PER_ANONYMOUS_VISITOR);
  expect(each).toBeGreaterThan(BYTES_PER_ANONYMOUS_VISITOR * 0.6);
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

it("the calculator refuses what is no number", async () => {
  for (const words of [["--visits", "many"], ["--known", "101"], ["--peak", "-1"]]) {
    const { code, stderr } = await heddle(["cost", ...words]);
    expect({ code, said: stderr.includes(`${words[0]}`) }).toEqual({ code: 2, said: true });
  }
});
