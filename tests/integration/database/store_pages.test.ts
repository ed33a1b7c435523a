import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConversations } from "../../support/conversation_load.ts";
import { asLoadedOperator, storeCalls } from "../../support/store_calls.ts";
import { AGENT, ORG, useStore } from "./conversation_store.ts";

const store = useStore();
let session: Sql;
beforeAll(async () => {
  await store.sql`drop trigger note on realtime.messages`;
  await loadConversations(store.sql, {
    agentId: AGENT,
    orgId: ORG,
    conversations: 1000,
    messagesEach: 10,
    operators: 20,
  });
  // One session, as its plans and catalogue are warm.
  session = postgres(store.adminUrl, { max: 1, onnotice: () => undefined });
  await session.unsafe(asLoadedOperator);
});
afterAll(() => session.end());

/** Pages of shared memory that one warm call touches: the same on any machine, unlike milliseconds. */
const RECORDED: Record<string, number> = {
  "a visitor's list": 25,
  "a thread's newest page": 24,
  "an older page of a long one": 24,
  "no changes": 20,
  "100 changes": 33,
  "a post": 162,
  "a visitor's read": 89,
  "an edit": 139,
  "the team's open list": 208,
  "the resolved of long ago": 191,
  "the unassigned": 197,
  "those who wait": 209,
  "counts": 33,
  "a thread of the team's": 32,
  "100 changes of a thread of the team's": 35,
  "a reply": 165,
  "a read by the team": 72,
  "a claim": 91,
  "a note": 80,
};

/** The same of what writes into the event log. */
const LOGGED: Record<string, number> = {
  "a post": 182,
  "an edit": 148,
  "a reply": 182,
  "a claim": 100,
  "a note": 83,
};

/** The fewest of three calls: an autovacuum in between has one of them plan anew, which reads the catalogue as well. */
async function pagesOf(call: string): Promise<number> {
  return await session.begin(async (tx) => {
    for (let n = 0; n < 6; n++) await tx.unsafe(`select heddle_api.${call}`);
    const taken: number[] = [];
    for (let n = 0; n < 3; n++) {
      await tx`rollback and chain`;
      const [row] = await tx.unsafe(`explain (analyze, buffers, format json) select heddle_api.${call}`);
      const plan = row?.["QUERY PLAN"][0].Plan;
      taken.push(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]);
    }
    await tx`rollback and chain`;
    return Math.min(...taken);
  });
}

/** Those whose pages differ from what is recorded. */
async function offRecord(recorded: Record<string, number>): Promise<Record<string, number>> {
  const calls = Object.entries(storeCalls(AGENT, 77)).filter(([name]) => name in recorded);
  const off: Record<string, number> = {};
  for (const [name, call] of calls) {
    const [pages, usual = 0] = [await pagesOf(call), recorded[name]];
    if (Math.abs(pages - usual) > Math.max(4, usual * 0.1)) off[name] = pages;
  }
  return off;
}

const logEvents = (isOn: boolean) =>
  store
    .sql`update heddle.api_keys set revoked_at = case when ${isOn} then null else now() end where org_id is not null`;

it("each function touches as many pages as it always did, among 10,000 messages", async () => {
  await logEvents(false);
  expect(Object.keys(storeCalls(AGENT, 77))).toEqual(Object.keys(RECORDED));
  expect(await offRecord(RECORDED)).toEqual({});
});

it("the event log takes so many pages more, while somebody may read it", async () => {
  await logEvents(true);
  expect(await offRecord(LOGGED)).toEqual({});
});
