import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConversations, loadedConversation, loadedOperator } from "../../support/conversation_load.ts";
import { AGENT, type ConversationStore, createStore, ORG } from "./conversation_store.ts";

let store: ConversationStore;
let session: Sql;
beforeAll(async () => {
  store = await createStore();
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
  await session.unsafe(`select set_config('request.jwt.claims',
    json_build_object('sub', ${loadedOperator(3)}, 'role', 'authenticated')::text, false)`);
});
afterAll(async () => {
  await session.end();
  await store.drop();
});

const agent = `'${AGENT}'`;
const usual = `'v77', ${loadedConversation(77)}`;
const long = `'v1', ${loadedConversation(1)}`;
const fresh = "gen_random_uuid()";

/** Pages of shared memory that one warm call touches: the same on any machine, unlike milliseconds. */
const RECORDED: Record<string, [call: string, pages: number]> = {
  "a visitor's list": [`store_list(${agent}, 'v77')`, 17],
  "a thread's newest page": [`store_thread(${agent}, ${usual})`, 20],
  "an older page of a long one": [`store_thread(${agent}, ${long}, 300)`, 20],
  "no changes": [`store_changes(${agent}, ${usual}, 10)`, 20],
  "100 changes": [`store_changes(${agent}, ${long}, 400)`, 24],
  "a post": [`store_post(${agent}, ${usual}, ${fresh}, 'Hello, where is my parcel?')`, 215],
  "a visitor's read": [`store_read(${agent}, ${usual}, 100000)`, 93],
  "an edit": [`store_edit(${agent}, ${usual}, 1, 'Hello')`, 129],
  "the team's open list": [`inbox_list(${agent})`, 193],
  "the resolved of long ago": [`inbox_list(${agent}, 'resolved', null, now() - interval '2 days')`, 191],
  "the unassigned": [`inbox_list(${agent}, 'unassigned')`, 196],
  "counts": [`inbox_counts(${agent})`, 25],
  "a thread of the team's": [`inbox_thread(${loadedConversation(77)})`, 32],
  "100 changes of a thread of the team's": [`inbox_thread_changes(${loadedConversation(1)}, 400)`, 30],
  "a reply": [`inbox_post(${loadedConversation(77)}, ${fresh}, 'It is on its way.')`, 162],
  "a read by the team": [`inbox_read(${loadedConversation(77)}, 100000)`, 77],
  "a claim": [`inbox_assign(${loadedConversation(77)}, ${loadedOperator(3)})`, 64],
  "a note": [`inbox_note(${loadedConversation(77)}, ${fresh}, 'Angry')`, 64],
};

async function pagesOf(call: string): Promise<number> {
  return await session.begin(async (tx) => {
    for (let n = 0; n < 6; n++) await tx.unsafe(`select heddle_api.${call}`);
    await tx`rollback and chain`;
    const [row] = await tx.unsafe(`explain (analyze, buffers, format json) select heddle_api.${call}`);
    await tx`rollback and chain`;
    const plan = row?.["QUERY PLAN"][0].Plan;
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
  });
}

it("each function touches as many pages as it always did, among 10,000 messages", async () => {
  const measured: Record<string, number> = {};
  for (const [name, [call]] of Object.entries(RECORDED)) measured[name] = await pagesOf(call);
  const recorded = Object.fromEntries(Object.entries(RECORDED).map(([name, [, pages]]) => [name, pages]));
  const off = Object.keys(recorded).filter((name) =>
    Math.abs((measured[name] ?? 0) - (recorded[name] ?? 0)) > Math.max(4, (recorded[name] ?? 0) * 0.1)
  );
  expect(Object.fromEntries(off.map((name) => [name, measured[name]]))).toEqual({});
});
