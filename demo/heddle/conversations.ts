import type { TransactionSql } from "postgres";

const MAX_PREVIEW_CHARACTERS = 140;
const OPERATOR_NAME = "Mira";

export interface Conversation {
  id: string;
  visitorId: string;
  subject: string;
  status: string;
  lastId: string;
  lastBody: string;
  lastAuthor: Message["author"];
  lastAt: Date;
  unread: number;
}

export interface Message {
  id: string;
  conversationId: string;
  author: "visitor" | "operator";
  body: string;
  clientId: string | null;
  createdAt: Date;
  readAt: Date | null;
}

/** By its id; whose it is remains to be checked. */
export async function findConversation(sql: TransactionSql, id = ""): Promise<Conversation | undefined> {
  const [row] = await sql<Conversation[]>`${selectConversation(sql)} where c.id = ${id}`;
  return row;
}

/** A select of conversations `c` with their `last` message; the caller adds the where clause. */
export function selectConversation(sql: TransactionSql) {
  return sql`
    select c.*, last.id as last_id, last.body as last_body, last.author as last_author, last.created_at as last_at,
      (select count(*)::int from messages m
       where m.conversation_id = c.id and m.author = 'operator' and m.read_at is null) as unread
    from conversations c
    cross join lateral (
      select * from messages m where m.conversation_id = c.id order by m.id desc limit 1
    ) last`;
}

export function toItem({ id, subject, status, lastBody, lastAt, unread, lastAuthor }: Conversation) {
  return {
    id,
    title: subject,
    preview: shortened(lastBody, MAX_PREVIEW_CHARACTERS),
    previewRole: lastAuthor,
    timestamp: lastAt,
    unread,
    status: status === "resolved" ? status : undefined, // the usual needs no label
  };
}

export function toEntry({ id, clientId, author, body, createdAt, readAt }: Message) {
  return {
    id,
    clientId: clientId ?? undefined,
    author: author === "operator" ? { role: author, name: OPERATOR_NAME } : { role: author },
    body,
    createdAt,
    readAt: readAt ?? undefined,
  };
}

/** At most so many UTF-16 units; what is cut is cut between two characters as a reader sees them. */
export function shortened(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const cut = new Intl.Segmenter().segment(text).containing(characters - 1);
  // Accents without end are one character, too.
  const beginning = text.slice(0, cut?.index || characters - 1).toWellFormed();
  return `${beginning.trimEnd()}…`;
}
