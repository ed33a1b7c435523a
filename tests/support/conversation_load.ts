import type { Sql } from "postgres";

export interface Load {
  agentId: string;
  orgId: string;
  conversations: number;
  /** Of conversations of the usual length; the first has 500. */
  messagesEach: number;
  operators: number;
}

/** Name of the `n`th operator, and the id of the `n`th conversation, as SQL. */
export const loadedOperator = (n: number) => `md5('operator ' || ${n})::uuid`;
export const loadedConversation = (n: number) => `md5('conversation ' || ${n})::uuid`;

/**
 * Fills the store with conversations of one agent, as they would be after years: one in five open, of those half claimed,
 * one in a hundred snoozed, the rest resolved. Made by whole tables, without an event.
 */
export async function loadConversations(sql: Sql, load: Load): Promise<void> {
  const { agentId, orgId, conversations, messagesEach, operators } = load;
  await sql.begin(async (tx) => {
    await tx`set local heddle.importing = 'on'`;
    await tx.unsafe(`
      insert into heddle.members (org_id, user_id, name)
      select '${orgId}', md5('operator ' || n)::uuid, 'Operator ' || n from generate_series(1, ${operators}) n;
      insert into heddle.visitors (agent_id, end_user_id, name, email)
      select '${agentId}', 'v' || n, 'Visitor ' || n, 'visitor' || n || '@example.com'
      from generate_series(1, ${Math.ceil(conversations / 2)}) n;
      create temporary table loaded on commit drop as
      select n, md5('conversation ' || n)::uuid as id, case when n = 1 then 500 else ${messagesEach} end as messages,
        now() - n * interval '5 minutes' as at
      from generate_series(1, ${conversations}) n;
      insert into heddle.conversations (
        id, agent_id, visitor_id, status, snoozed_until, needs_human, assignee_id, seq, rev, message_count, preview,
        last_role, last_message_at, active_at, waiting_since, team_unread, created_at
      )
      select loaded.id, '${agentId}', visitor.id,
        case when n % 5 = 0 then 'open' when n % 100 = 1 then 'snoozed' else 'resolved' end,
        case when n % 5 <> 0 and n % 100 = 1 then now() + interval '1 day' end,
        n % 50 = 0, case when n % 10 = 0 then md5('operator ' || (1 + n / 10 % ${operators}))::uuid end,
        messages, messages, messages, 'Message ' || messages, 'visitor', at, at, case when n % 5 = 0 then at end, 1, at - interval '1 day'
      from loaded join heddle.visitors visitor
        on visitor.agent_id = '${agentId}' and visitor.end_user_id = 'v' || (1 + (n - 1) % ${
      Math.ceil(conversations / 2)
    });
      insert into heddle.participants (conversation_id, role, visitor_id, last_message_at)
      select id, 'visitor', visitor_id, last_message_at from heddle.conversations where agent_id = '${agentId}';
      insert into heddle.messages (
        conversation_id, seq, changed_seq, changed_rev, client_id, role, author_name, body, created_at
      )
      select loaded.id, seq, seq, seq, gen_random_uuid(), case seq % 2 when 0 then 'operator' else 'visitor' end,
        case seq % 2 when 0 then 'Olga' end,
        'Message ' || seq || ' of ' || n || ', where is my parcel? It has been ' || (n * 7 + seq) % 997 || ' days.',
        at - (messages - seq) * interval '1 minute'
      from loaded, generate_series(1, messages) seq;`).simple();
  });
  await sql`vacuum (analyze) heddle.conversations, heddle.participants, heddle.messages, heddle.visitors, heddle.members`;
}
