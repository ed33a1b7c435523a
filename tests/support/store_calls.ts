import { loadedConversation, loadedOperator } from "./conversation_load.ts";

/**
 * Calls of the store's functions among conversations that `loadConversations` has made, by what they do: of the `n`th
 * visitor and conversation. The first conversation is the long one. All but exact counts, export, erase, search and a
 * full page of changes.
 */
export function storeCalls(agentId: string, n: number): Record<string, string> {
  const agent = `'${agentId}'`;
  const usual = `'v${n}', ${loadedConversation(n)}`;
  const long = `'v1', ${loadedConversation(1)}`;
  const fresh = "gen_random_uuid()";
  return {
    "a visitor's list": `store_list(${agent}, 'v${n}')`,
    "a thread's newest page": `store_thread(${agent}, ${usual})`,
    "an older page of a long one": `store_thread(${agent}, ${long}, 300)`,
    "no changes": `store_changes(${agent}, ${usual}, 10)`,
    "100 changes": `store_changes(${agent}, ${long}, (
      select seq - 100 from heddle.conversations where id = ${loadedConversation(1)}))`,
    "a post": `store_post(${agent}, ${usual}, ${fresh}, 'Hello, where is my parcel?')`,
    "a visitor's read": `store_read(${agent}, ${usual}, 100000)`,
    "an edit": `store_edit(${agent}, ${usual}, 1, 'Hello')`,
    "the team's open list": `inbox_list(${agent})`,
    "the resolved of long ago": `inbox_list(${agent}, 'resolved', null, now() - interval '2 days')`,
    "the unassigned": `inbox_list(${agent}, 'unassigned')`,
    "those who wait": `inbox_list(${agent}, 'waiting')`,
    "counts": `inbox_counts(${agent})`,
    "a thread of the team's": `inbox_thread(${loadedConversation(n)})`,
    "100 changes of a thread of the team's": `inbox_thread_changes(${loadedConversation(1)}, (
      select rev - 100 from heddle.conversations where id = ${loadedConversation(1)}))`,
    "a reply": `inbox_post(${loadedConversation(n)}, ${fresh}, 'It is on its way.')`,
    "a read by the team": `inbox_read(${loadedConversation(n)}, 100000)`,
    "a claim": `inbox_assign(${loadedConversation(n)}, ${loadedOperator(3)})`,
    "a note": `inbox_note(${loadedConversation(n)}, ${fresh}, 'Angry')`,
  };
}

/** Signs a session in as an operator whom `loadConversations` has made. */
export const asLoadedOperator = `select set_config('request.jwt.claims',
  json_build_object('sub', ${loadedOperator(3)}, 'role', 'authenticated')::text, false)`;
