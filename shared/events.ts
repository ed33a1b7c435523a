/**
 * The events of Heddle: what a broadcast carries, what a change of a conversation looks like on every way out. Types and
 * small readers without zod, since a visitor's page reads them.
 */
import { type Envelope, isObject, readEnvelope } from "./envelope.ts";
import type { Attachment, Author, AuthorRole, Entry, EntryStatus } from "./items.ts";
import { type Growth, MESSAGE_ROLES, type MessageRole, type Typing } from "./passing.ts";

export { type Envelope, readEnvelope } from "./envelope.ts";
export * from "./passing.ts";

/** Every event that Heddle itself sends. An owner's own types start with `x-`. */
export type HeddleEvent = { [Type in EventType]: Envelope<Type, EventData[Type]> }[EventType];
export type EventType = keyof EventData;

export interface EventData {
  /** The event without content: whatever the channel is of may have changed. It tells nothing about who else listens. */
  refresh: Record<string, never>;
  /** Several at once, in their order. They never hold another `events`. */
  events: { events: Envelope[] };
  "message:new": MessageChange;
  "message:updated": MessageChange;
  "message:deleted": MessageChange;
  read: Numbered & { conversationId: string; role: MessageRole; readSeq: number; deliveredSeq: number };
  "conversation:new": { conversation: NewConversation };
  "conversation:view-update": {
    conversationId: string;
    type: "new_message";
    /** `text` has at most 160 characters. */
    message: Pick<Message, "text" | "role" | "createdAt">;
    lastMessageAt: string;
    timestamp: string;
  };
  "conversation:updated": {
    conversationId: string;
    lastMessageAt: string;
    messageCount: number;
    unread: number;
    status: string;
    needsHuman?: boolean;
    /** A visitor's list's: it was they who asked for a person. */
    asked?: boolean;
    /** The inbox's, as `assignee` is. */
    rev?: number;
    assignee?: Holder | null;
    /** The inbox's: what the team's thread shows of the change. */
    line?: Line;
  };
  "user:online": UserStatus;
  "user:offline": UserStatus;
  typing: Typing;
  "note:new": NoteChange;
  "note:updated": NoteChange;
  "note:deleted": NoteChange;
  "notification:new": Notification;
  "notification:updated": Notification;
  "inbox:moved": { epoch: number };
  message_stream: Growth;
}

/** What a member of the team was told of. Times are ISO 8601. */
export interface Notification {
  id: string;
  /** Who was told. */
  userId: string;
  /** `null`: it is about none. */
  conversationId: string | null;
  /** Why they were. */
  rule: string;
  priority: "low" | "normal" | "high" | "critical";
  content: string;
  createdAt: string;
  readAt: string | null;
  dismissedAt: string | null;
  /** Of one of somebody who waits: since when. */
  since?: string;
}

/** `seq` counts what a visitor may see of a conversation, `rev` what an operator may: an event has one of them at most. */
interface Numbered {
  seq?: number;
  rev?: number;
}

interface MessageChange extends Numbered {
  conversationId: string;
  message: Message;
  /** Absent where an owner's backend published the event. */
  conversation?: {
    id: string;
    /** Absent for visitors in a room, which several have part in. */
    psid?: string;
    status: string;
    autoBot: boolean;
    platform: string;
    /** Absent for a conversation. */
    kind?: "room";
  };
}

interface NewConversation {
  id: string;
  /** The visitor's `endUserId`. */
  psid: string;
  platform: string;
  status: string;
  autoBot: boolean;
  /** Name and e-mail go to the inbox only. */
  customerName?: string;
  customerEmail?: string;
  /** Title of the page where the conversation began. */
  pageName?: string;
  lastMessageAt: string;
}

interface UserStatus {
  /** A visitor's is `agentId/endUserId`. */
  user_id: string;
  status: string;
  timestamp: string;
  /** When a visitor who went was there last. */
  lastSeenAt?: string;
}

interface NoteChange {
  conversationId: string;
  rev: number;
  note: { id: string; text: string; createdAt: string; author: Omit<Author, "role"> };
}

interface Holder {
  id: string;
  name: string;
}

/** A line that the database writes into the team's thread. The author is who made the change: the operator, the bot, the API. */
interface Line {
  id: string;
  text: "";
  createdAt: string;
  /** Number of the message that it stands behind. */
  afterSeq: number;
  author: Omit<Author, "role">;
  change: LineChange;
}

/** What became of a conversation. Where neither `from` nor `to` is there, who holds it stayed the same; and so on. */
export interface LineChange {
  /** `API`: an owner's backend, the author called as its key. `SYSTEM`: a rule, SQL, or time. */
  by: MessageRole | "API";
  /** Who held it. */
  from?: Holder;
  /** Who holds it now. */
  to?: Holder;
  /** How it stood before. */
  was?: string;
  status?: string;
  /** When it opens again. */
  until?: string;
  /** A person was asked for. */
  needsHuman?: boolean;
  /** Nobody has asked anew: whoever was asked for before is wanted still, now that it is opened again, or nobody holds it. */
  again?: boolean;
  /** The visitor had been anonymous until then: what stands before it was written by whoever sat there. */
  signedIn?: boolean;
}

/** A message as events carry it. Times are ISO 8601. */
export interface Message {
  id: string;
  clientId?: string;
  text: string;
  role: MessageRole;
  createdAt: string;
  /** As an entry's. */
  status?: EntryStatus;
  meta: {
    author: Omit<Author, "role">;
    attachments: Attachment[];
    blocks?: unknown[];
    editedAt?: string;
    deletedAt?: string;
    readAt?: string;
  };
}

export const AUTHOR_ROLE_OF: Record<MessageRole, AuthorRole> = {
  USER: "visitor",
  AGENT: "operator",
  BOT: "bot",
  SYSTEM: "system",
};

/**
 * The events that an envelope holds: itself, or those of an `events`. One among them that can't be read becomes a
 * `refresh`: something has happened.
 */
export function eventsOf(envelope: Envelope): Envelope[] {
  if (envelope.type !== "events") return [envelope];
  const { events } = envelope.data;
  if (!Array.isArray(events)) return [refreshFor(envelope)];
  return events.map((each) => {
    const read = readEnvelope(each);
    return read && read.type !== "events" ? read : refreshFor(envelope);
  });
}

/** The message in an event's `data.message`, without attachments that can't be shown, or `null` if it can't be itself. */
export function readMessage(value: unknown): Message | null {
  if (!isObject(value) || !isObject(value.meta)) return null;
  const { id, text, role, createdAt, meta } = value;
  const { author, attachments } = meta;
  const readable = typeof id === "string" && typeof text === "string" && typeof createdAt === "string" &&
    MESSAGE_ROLES.some((each) => each === role) && isObject(author) && isName(author.name) &&
    Array.isArray(attachments);
  return readable
    ? { ...value, meta: { ...meta, attachments: attachments.filter(isFile) } } as unknown as Message
    : null;
}

function isFile(value: unknown): boolean {
  return isObject(value) && typeof value.url === "string" && isName(value.name);
}

function isName(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

/** The one mapping from an event's message to what a thread shows. */
export function entryOf({ id, clientId, text, role, createdAt, status, meta }: Message): Entry {
  const { author, attachments, blocks, editedAt, deletedAt, readAt } = meta;
  return {
    id,
    ...(clientId === undefined ? {} : { clientId }),
    ...(editedAt === undefined ? {} : { editedAt }),
    ...(deletedAt === undefined ? {} : { deletedAt }),
    ...(readAt === undefined ? {} : { readAt }),
    ...(status === undefined ? {} : { status }),
    author: { ...author, role: AUTHOR_ROLE_OF[role] },
    body: text,
    createdAt,
    attachments,
    fields: blocks === undefined ? {} : { blocks },
  };
}

function refreshFor({ id, at }: Envelope): Envelope {
  return { v: 1, id, type: "refresh", at, data: {} };
}
