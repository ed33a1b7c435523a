import type { Database } from "./database.ts";
import type { OperatorName } from "./plan.ts";
import { en } from "../../../kit/strings/en.ts";

/** A row of a list as somebody reads it; `holder` only in the team's. */
export interface ShownRow {
  id: string;
  preview: string;
  unread: number;
  holder?: string;
}

/** What the database says that screens must show. */
export interface Store {
  /** Every text of a conversation in its order, as the visitor or the team may see it. */
  thread(id: string, side: "visitor" | "team"): Promise<string[]>;
  /** The visitor's list. What is unread is counted anew. */
  visitorsRows(): Promise<ShownRow[]>;
  /** All open conversations, as this operator reads them. What is unread is counted anew. */
  teamsRows(reader: OperatorName): Promise<ShownRow[]>;
  /** All stored texts of a writer, by conversation. */
  written(): Promise<{ id: string; bodies: string[] }[]>;
  /** The store's own counts of what is unread that are not what a count gives. */
  miscounted(): Promise<object[]>;
  /** Lets everybody go on who has called too often. */
  forgive(): Promise<void>;
}

export function createStore(database: Database, visitorId: string): Store {
  const mine = database.sql`
    conversation.agent_id = ${database.agentId}
    and conversation.visitor_id in (select id from heddle.visitors where end_user_id = ${visitorId})`;
  const teamUnread = database.sql`(
    select count(*)::int from heddle.messages message
    where conversation_id = conversation.id and role = 'visitor' and changed_seq > conversation.team_read_seq
      and deleted_at is null)`;
  const visitorUnread = database.sql`(
    select count(*)::int from heddle.messages message
    where conversation_id = conversation.id and role in ('operator', 'bot') and seq > seat.read_seq
      and deleted_at is null)`;

  return {
    async thread(id, side) {
      const { sql } = database;
      const text = sql`case when deleted_at is null then body else ${en.deletedMessage} end as text`;
      const rows = await sql<{ text: string }[]>`
        select ${text}, seq as place, 0 as note from heddle.messages where conversation_id = ${id}
        union all
        select ${text}, after_seq, id from heddle.notes where conversation_id = ${id} and change is null
          and ${side === "team"}
        order by place, note`;
      return rows.map(({ text }) => text);
    },
    async visitorsRows() {
      return [
        ...await database.sql<ShownRow[]>`
          select conversation.id, ${visitorUnread} as unread,
            case when preview is null then ${en.deletedMessage}
              else case when last_role = 'visitor' and preview <> '' then 'You: ' else '' end || preview end as preview
          from heddle.conversations conversation
          join heddle.participants seat on seat.conversation_id = conversation.id and seat.role = 'visitor'
          where ${mine} order by seat.last_message_at desc, conversation.id desc`,
      ];
    },
    async teamsRows(reader) {
      return [
        ...await database.sql<ShownRow[]>`
          select conversation.id, ${teamUnread} as unread,
            case when last_role <> 'operator' then ''
              when author.name like ${`${reader} %`} then 'You: ' else author.name || ': ' end
              || coalesce(preview, ${en.deletedMessage}) as preview,
            coalesce('Held by ' || member.name, '') as holder
          from heddle.conversations conversation
          left join heddle.members member on member.user_id = assignee_id
          left join heddle.members author on author.user_id::text = last_author_id
          where ${mine} and status = 'open' order by conversation.active_at desc, conversation.id desc`,
      ];
    },
    async written() {
      return [
        ...await database.sql<{ id: string; bodies: string[] }[]>`
          select conversation_id as id, array_agg(body order by seq) as bodies
          from (
            select message.conversation_id, message.seq, coalesce(first.body, message.body) as body
            from heddle.messages message
            left join lateral (
              select body from heddle.message_revisions former
              where former.conversation_id = message.conversation_id and former.seq = message.seq
              order by changed_seq limit 1
            ) first on true
          ) as written
          group by conversation_id`,
      ];
    },
    async miscounted() {
      return await database.sql`
        select conversation.id, team_unread, ${teamUnread} as team, seat.unread, ${visitorUnread} as visitor
        from heddle.conversations conversation
        join heddle.participants seat on seat.conversation_id = conversation.id and seat.role = 'visitor'
        where team_unread <> ${teamUnread} or seat.unread <> ${visitorUnread}`;
    },
    async forgive() {
      await database.sql`delete from heddle.rate_buckets`;
    },
  };
}
