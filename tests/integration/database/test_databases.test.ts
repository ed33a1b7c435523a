import { describe, expect, it } from "vitest";
import { createDatabase } from "../../support/database.ts";

describe("test databases", () => {
  it("hold the demo agent and belong to postgres", async () => {
    const database = await createDatabase();
    const [agent] = await database.sql`select name from heddle.agents`;
    expect(agent?.name).toBe("Fern & Fable");
    const [owner] = await database.sql`
      select datdba::regrole::text as name from pg_database where datname = ${database.name}`;
    expect(owner?.name).toBe("postgres");
    await database.drop();
  });
});
