import type { Sql } from "postgres";
import { HttpError } from "../http.ts";

export interface Row {
  id: string;
  visitorId: string;
  visitorName: string;
  subject: string;
  status: "open" | "resolved";
  preview: string;
  at: Date;
  unread: number;
}

/** The shop's own conversations, as its staff sees them. Knows nothing of Heddle. */
export function listConversations(sql: Sql): Promise<Row[]> {
  return sql<Row[]>`
    select c.*, left(last.body, 140) as preview, last.created_at as at,
      (select count(*)::int from messages m
       where m.conversation_id = c.id and m.author = 'visitor' and m.read_at is null) as unread
    from conversations c
    cross join lateral (
      select * from messages m where m.conversation_id = c.id order by m.id desc limit 1
    ) last
    order by last.id desc
    limit 100`;
}

export function listMessages(sql: Sql, conversationId: string) {
  return sql`
    select id, author, body, created_at, read_at from messages
    where conversation_id = ${conversationId} order by id`;
}

/** Returns the conversation's visitor; 404 if there is no such conversation. */
export async function visitorOf(sql: Sql, conversationId: string): Promise<string> {
  const [row] = await sql<{ visitorId: string }[]>`
    select visitor_id from conversations where id = ${conversationId}`;
  if (!row) throw new HttpError(404, "There is no such conversation.");
  return row.visitorId;
}

export async function addReply(sql: Sql, conversationId: string, body: string): Promise<void> {
  await sql`
    insert into messages (conversation_id, author, body) values (${conversationId}, 'operator', ${body})`;
}

export async function setStatus(sql: Sql, conversationId: string, status: string): Promise<void> {
  await sql`update conversations set status = ${status} where id = ${conversationId}`;
}

/** True if there was anything unread. */
export async function markRead(sql: Sql, conversationId: string): Promise<boolean> {
  const read = await sql`
    update messages set read_at = now()
    where conversation_id = ${conversationId} and author = 'visitor' and read_at is null`;
  return read.count > 0;
}
