import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  AGENT,
  type ConversationStore,
  createStore,
  OLGA,
} from "../integration/database/conversation_store.ts";
import { type OwnCluster, startOwnCluster } from "./support/own_cluster.ts";

/** More than a cursor holds. Every cursor of the cluster would hold them, so it is nobody else's. */
const OPEN = 66;

let cluster: OwnCluster;
let store: ConversationStore;
beforeAll(async () => {
  cluster = await startOwnCluster();
  store = await createStore(cluster);
});
afterAll(async () => {
  await store?.drop();
  await cluster?.stop();
});

it("beside more open transactions than a cursor holds each change still comes, by cursors that count", async () => {
  const id = await store.begin();
  const crowd = postgres(store.adminUrl, { max: OPEN, onnotice: () => undefined });
  const sessions = await Promise.all(Array.from({ length: OPEN }, () => crowd.reserve()));
  for (const session of sessions) await session`begin`;
  for (const session of sessions) await session`select pg_current_xact_id()`;
  let { cursor } = await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT });
  const seen = new Set<number>();
  const follow = async () => {
    for (let more = true; more;) {
      const answer = await store.operator(OLGA, "inbox_changes", {
        p_agent_id: AGENT,
        p_cursor: cursor,
        p_limit: 2,
      });
      for (const row of answer.rows) seen.add(row.rev);
      [more, cursor] = [answer.more, answer.cursor];
    }
  };
  const { rev } = await store.operator(OLGA, "inbox_note", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "crowded",
  });
  await follow();
  await follow();
  for (const session of sessions) await session`commit`;
  await follow();
  await crowd.end({ timeout: 0 });
  expect([...seen]).toContain(rev);
});
