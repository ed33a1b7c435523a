import type { TransactionSql } from "postgres";
import { HttpError } from "../http.ts";
import {
  type Conversation,
  findConversation,
  type Message,
  selectConversation,
  shortened,
  toEntry,
  toItem,
} from "./conversations.ts";
import { cutPage, messageCursor } from "./paging.ts";
import type { Call } from "./signature.ts";
import { storable } from "./text.ts";
import { visibleTo } from "./visibility.ts";
import type { Handlers, Reply } from "./webhook.ts";

const CONVERSATIONS_PER_PAGE = 10;
const MESSAGES_PER_PAGE = 12;
const MAX_CHARACTERS = 4000;
const MAX_SUBJECT_CHARACTERS = 60;

/** The webhook of the messaging tab: an item is a conversation, an entry is a message. */
export const messageHandlers: Handlers = {
  get_items: listConversations,
  item_clicked: showConversation,
  create_item: createMessage,
  update_item: markRead,
};

async function listConversations(sql: TransactionSql, { visitor, cursor }: Call): Promise<Reply> {
  const before = messageCursor(cursor);
  const rows = await sql<Conversation[]>`
    ${selectConversation(sql)}
    where c.visitor_id = ${visitor.id} and (${before}::bigint is null or last.id < ${before}::bigint)
    order by last.id desc
    limit ${CONVERSATIONS_PER_PAGE + 1}`;
  const { page, nextCursor } = cutPage(rows, CONVERSATIONS_PER_PAGE, (row) => row.lastId);
  return { body: { items: page.map(toItem), nextCursor } };
}

async function showConversation(sql: TransactionSql, { visitor, itemId, cursor }: Call): Promise<Reply> {
  const conversation = visibleTo(visitor.id, await findConversation(sql, itemId));
  const before = messageCursor(cursor);
  const rows = await sql<Message[]>`
    select * from messages
    where conversation_id = ${conversation.id} and (${before}::bigint is null or id < ${before}::bigint)
    order by id desc
    limit ${MESSAGES_PER_PAGE + 1}`;
  const { page, nextCursor } = cutPage(rows, MESSAGES_PER_PAGE, (row) => row.id);
  return { body: { item: toItem(conversation), entries: page.reverse().map(toEntry), nextCursor } };
}

/** Without an itemId it begins a conversation. The same clientId again gets the message that is already there. */
async function createMessage(sql: TransactionSql, call: Call): Promise<Reply> {
  const body = storable(call.body ?? "").trim();
  const clientId = call.clientId ?? null;
  if (body === "") throw new HttpError(422, "The message is empty.");
  if (body.length > MAX_CHARACTERS) {
    throw new HttpError(
      422,
      `A message can have up to ${MAX_CHARACTERS} characters. Please send it in parts.`,
    );
  }

  await sql`select pg_advisory_xact_lock(hashtext(${clientId}))`; // two deliveries of one message take turns
  const [sentBefore] = await sql<Message[]>`select * from messages where client_id = ${clientId}`;
  if (sentBefore) {
    const conversation = visibleTo(call.visitor.id, await findConversation(sql, sentBefore.conversationId));
    return { body: { item: toItem(conversation), entry: toEntry(sentBefore) } };
  }

  const conversationId = call.itemId
    ? visibleTo(call.visitor.id, await findConversation(sql, call.itemId)).id
    : await beginConversation(sql, call.visitor, body);
  const [message] = await sql<[Message]>`
    insert into messages (conversation_id, author, body, client_id)
    values (${conversationId}, 'visitor', ${body}, ${clientId}) returning *`;
  await sql`update conversations set status = 'open' where id = ${conversationId}`;

  const conversation = visibleTo(call.visitor.id, await findConversation(sql, conversationId));
  return {
    body: { item: toItem(conversation), entry: toEntry(message) },
    stale: { endUserId: call.visitor.id, conversationId }, // the visitor's other tabs and devices
  };
}

async function beginConversation(
  sql: TransactionSql,
  visitor: Call["visitor"],
  body: string,
): Promise<string> {
  const [firstLine = ""] = body.split("\n", 1);
  const [conversation] = await sql<[{ id: string }]>`
    insert into conversations (visitor_id, visitor_name, subject)
    values (${visitor.id}, ${visitor.name ?? "Guest"}, ${shortened(firstLine, MAX_SUBJECT_CHARACTERS)})
    returning id`;
  return conversation.id;
}

/** `changes: { read: true }`: the visitor has seen the thread, up to `entryId` if there is one. */
async function markRead(sql: TransactionSql, { visitor, itemId, entryId, changes }: Call): Promise<Reply> {
  const { id } = visibleTo(visitor.id, await findConversation(sql, itemId));
  if (changes?.read !== true) throw new HttpError(422, "A message can't be changed once it is sent.");

  const upTo = messageCursor(entryId);
  await sql`
    update messages set read_at = now()
    where conversation_id = ${id} and author = 'operator' and read_at is null
      and (${upTo}::bigint is null or id <= ${upTo}::bigint)`;
  const conversation = visibleTo(visitor.id, await findConversation(sql, id));
  // Nothing is published: the reader's widget knows, and their other screens fetch when they are looked at.
  return { body: { item: toItem(conversation) } };
}
