import postgres, { type Sql } from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { tendStore } from "../../../local/tend_store.ts";
import { useStore } from "../database/conversation_store.ts";

const store = useStore();
let sql: Sql;
let lines: string[];
let stop: () => Promise<void>;
beforeAll(() => {
  sql = postgres(store.as("authenticator"), { max: 1, onnotice: () => undefined });
});
afterAll(() => sql?.end());
beforeEach(() => {
  lines = [];
  stop = tendStore({ sql, everyMs: 20, log: (line) => lines.push(line) });
});
afterEach(() => stop());

it("ends snoozes and the presence of who is silent", async () => {
  const id = await store.begin("sleeper");
  await store.sql`
    update heddle.conversations set status = 'snoozed', snoozed_until = now() - interval '1 second' where id = ${id}`;
  await store.sql`
    insert into heddle.leases (agent_id, subject, key, state, until)
    select agent_id, 'visitor', 'sleeper', 'online', now() - interval '1 second' from heddle.conversations where id = ${id}`;
  await expect.poll(() => store.sql`select status from heddle.conversations where id = ${id}`)
    .toEqual([{ status: "open" }]);
  await expect.poll(() => store.sql`select from heddle.leases`).toEqual([]);
  expect(lines).toEqual([]);
});

it("says once that it can't, and goes on when it can again", async () => {
  await store.sql`alter function heddle_api.tend_store() rename to tend_store_later`;
  await expect.poll(() => lines).toHaveLength(1);
  expect(lines[0]).toContain("tend_store");
  await store.sql`alter function heddle_api.tend_store_later() rename to tend_store`;
  const id = await store.begin("later");
  await store.sql`
    update heddle.conversations set status = 'snoozed', snoozed_until = now() - interval '1 second' where id = ${id}`;
  await expect.poll(() => store.sql`select status from heddle.conversations where id = ${id}`)
    .toEqual([{ status: "open" }]);
  expect(lines).toHaveLength(1);
});
