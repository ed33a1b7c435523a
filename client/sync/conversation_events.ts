import {
  AUTHOR_ROLE_OF,
  entryOf,
  type Envelope,
  type EventData,
  eventsOf,
  type LineChange,
  MESSAGE_ROLES,
  type MessageRole,
  readMessage,
} from "../../shared/events.ts";
import { isObject } from "../../shared/envelope.ts";
import type { Entry } from "../../shared/items.ts";
import type { Marks, Side } from "./marks.ts";
import type { Typist } from "./typing.ts";

/** What counts a conversation's changes: a visitor's events carry `seq`, the team's `rev`. */
export type NumberName = "seq" | "rev";

/** A message, an internal note or a line about what happened, as a conversation shows it. */
export interface StreamEntry extends Entry {
  /** A message's number, which is its id as well; for a note the one that it stands behind. */
  place: number;
  /** The id of a note or line, a number. The `id` of its entry says that it is one, since messages have numbers too. */
  noteId?: string;
  /** Of a line: what became of the conversation. */
  change?: LineChange;
  /** Another visitor's, in a room as a visitor sees it. */
  peer?: true;
}

export type ConversationChange =
  | { kind: "entry"; entry: StreamEntry }
  | { kind: "marks"; side: Side; marks: Marks }
  /** Something that a thread doesn't show. */
  | { kind: "other" };

/** What one broadcast tells about a conversation. */
export interface Heard {
  /** What happened together has one number. */
  changes: Map<number, ConversationChange[]>;
  typing: { typist: Typist; at: number }[];
  /** By what messages grew, as it came. */
  frames: Envelope["data"][];
  /** Something else happened, or something that can't be read. */
  isHint: boolean;
}

/** Types that say nothing about what a thread shows, unless they are numbered. */
const ELSEWHERE =
  /^(conversation:(new|view-update|updated)|user:(online|offline)|inbox:moved|notification:\w+)$/;

export function messageEntry(entry: Entry): StreamEntry {
  return { ...entry, place: Number(entry.id) };
}

export type Note = EventData["note:new"]["note"] & Pick<Entry, "clientId" | "editedAt" | "deletedAt"> & {
  /** Number of the message that it was written behind; absent: of the newest. */
  afterSeq?: number;
  /** Of a line, which nobody wrote. */
  change?: LineChange;
};

/** `body` is empty once the note is deleted, and for a line. */
export function noteEntry({ id, text, author, afterSeq = Infinity, ...rest }: Note): StreamEntry {
  return {
    ...rest,
    id: `note ${id}`,
    noteId: id,
    place: afterSeq,
    author: { ...author, role: rest.change ? "system" : "operator" },
    body: text,
    attachments: [],
    fields: {},
  };
}

/** Messages by number, each with the notes and lines behind it. */
export function compareEntries(first: StreamEntry, second: StreamEntry): number {
  if (first.place !== second.place) return first.place - second.place;
  return Number(first.noteId ?? 0) - Number(second.noteId ?? 0);
}

/** Reads a broadcast for the conversation with that id; `null` is one that is no envelope. */
export function readHeard(envelope: Envelope | null, conversationId: string, number: NumberName): Heard {
  const heard: Heard = { changes: new Map(), typing: [], frames: [], isHint: envelope === null };
  for (const event of envelope ? eventsOf(envelope) : []) {
    const { type, data } = event;
    if (data.conversationId !== undefined && data.conversationId !== conversationId) continue;
    const place = data[number];
    const change = changeOf(event);
    if (type === "typing") heard.typing.push(...typingOf(event));
    else if (type === "message_stream") heard.frames.push(data);
    else if (change && typeof place === "number") {
      heard.changes.set(place, [...heard.changes.get(place) ?? [], change]);
    } else if (!ELSEWHERE.test(type)) heard.isHint = true;
  }
  return heard;
}

function changeOf({ type, at, data }: Envelope): ConversationChange | null {
  if (/^message:(new|updated|deleted)$/.test(type)) {
    const message = readMessage(data.message);
    if (!message) return null;
    const entry = messageEntry(entryOf(message));
    if (type === "message:deleted") entry.deletedAt ??= at;
    return { kind: "entry", entry };
  }
  if (/^note:(new|updated|deleted)$/.test(type)) {
    const note = readNote(data.note);
    if (!note) return null;
    const deleted = type === "note:deleted" ? { deletedAt: at } : {};
    return { kind: "entry", entry: noteEntry({ ...note, ...deleted }) };
  }
  if (type === "read") return readMarks(data);
  const line = readNote(data.line);
  if (line) return { kind: "entry", entry: noteEntry(line) };
  return ELSEWHERE.test(type) ? { kind: "other" } : null;
}

export function readNote(value: unknown): Note | null {
  if (!isObject(value) || !isObject(value.author)) return null;
  const { id, text, createdAt } = value;
  const isReadable = typeof id === "string" && typeof text === "string" && typeof createdAt === "string";
  return isReadable ? value as unknown as Note : null;
}

function readMarks({ role, readSeq, deliveredSeq }: Envelope["data"]): ConversationChange | null {
  if (!isRole(role) || typeof readSeq !== "number" || typeof deliveredSeq !== "number") return null;
  const side = role === "USER" ? "visitor" : "team";
  return { kind: "marks", side, marks: { read: readSeq, delivered: deliveredSeq } };
}

function typingOf({ at, data: { role, userId: id, name } }: Envelope): Heard["typing"] {
  if (!isRole(role)) return [];
  const typist = {
    role: AUTHOR_ROLE_OF[role],
    ...(typeof id === "string" && { id }),
    ...(typeof name === "string" && { name }),
  };
  return [{ typist, at: Date.parse(at) }];
}

function isRole(role: unknown): role is MessageRole {
  return MESSAGE_ROLES.some((each) => each === role);
}
