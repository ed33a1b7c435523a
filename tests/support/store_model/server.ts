import type { Envelope } from "../../../shared/envelope.ts";
import type { LineChange, Message, MessageRole } from "../../../shared/events.ts";
import type { Note } from "../../../client/sync/conversation_events.ts";
import type { BothMarks, Side } from "../../../client/sync/marks.ts";

export const INBOX = "inbox";
export const PAGE = 12;
/** A client further behind takes the newest page. */
export const MOST_CHANGES = 30;

export interface Row {
  id: string;
  rev: number;
  status: "OPEN" | "RESOLVED";
  assignee: string | null;
  unread: number;
  lastMessageAt: string;
}

interface Stored {
  message: Message;
  /** As it was sent. */
  text: string;
  changedSeq: number;
  changedRev: number;
}

export interface ModelConversation {
  row: Row;
  seq: number;
  messages: Stored[];
  notes: { note: Note; changedRev: number }[];
  marks: BothMarks;
  /** Place in the order of commits. */
  changedAt: number;
}

export interface Author {
  side: Side;
  name: string;
}

/** What a thread shows, by either number. */
export interface ThreadAnswer {
  number: number;
  messages: Message[];
  notes: Note[];
  marks: BothMarks;
  next?: string;
}

/** The answer to whoever asks for what is not there. */
export class NotFound extends Error {}

type Send = (topic: string, envelope: Envelope) => void;

/** The built-in store as a client meets it: each call is a transaction, and its broadcasts follow. */
export class ModelServer {
  readonly conversations = new Map<string, ModelConversation>();
  /** Erased conversations, and when in the order of commits. */
  readonly #gone = new Map<string, number>();
  readonly #send: Send;
  readonly #now: () => number;
  #commits = 0;
  #events = 0;
  /** Cursors of an earlier epoch are of no use. */
  epoch = 1;

  constructor(now: () => number, send: Send) {
    this.#now = now;
    this.#send = send;
  }

  find(id: string): ModelConversation {
    const found = this.conversations.get(id);
    if (!found) throw new NotFound();
    return found;
  }

  post({ side, name }: Author, id: string, clientId: string, text: string): Message {
    const isNew = !this.conversations.has(id);
    if (isNew) this.#begin(id);
    const conversation = this.find(id);
    const known = conversation.messages.find(({ message }) => message.clientId === clientId);
    if (known) return known.message;
    if (side === "visitor" && conversation.row.status === "RESOLVED") this.setStatus(id, "OPEN");
    const { row } = conversation;
    const [seq, rev] = this.#number(conversation);
    const role: MessageRole = side === "visitor" ? "USER" : "AGENT";
    const createdAt = this.#after(row.lastMessageAt);
    const author = side === "visitor" ? {} : { id: name, name };
    const message: Message = {
      id: `${seq}`,
      clientId,
      text,
      role,
      createdAt,
      meta: { author, attachments: [] },
    };
    conversation.messages.push({ message, text, changedSeq: seq, changedRev: rev });
    conversation.row = { ...conversation.row, lastMessageAt: createdAt };
    this.#count(conversation);
    this.#announce(conversation, "message:new", { message }, true);
    return message;
  }

  /** `null` deletes. */
  edit(id: string, place: number, text: string | null): void {
    const conversation = this.find(id);
    const stored = conversation.messages.find(({ message }) => message.id === `${place}`);
    if (!stored || stored.message.meta.deletedAt) return;
    const [seq, rev] = this.#number(conversation);
    const at = this.#time();
    const meta = { ...stored.message.meta, ...(text === null ? { deletedAt: at } : { editedAt: at }) };
    stored.message = { ...stored.message, text: text ?? "", meta };
    Object.assign(stored, { changedSeq: seq, changedRev: rev });
    this.#count(conversation);
    const type = text === null ? "message:deleted" : "message:updated";
    this.#announce(conversation, type, { message: stored.message }, true);
  }

  read(side: Side, id: string, place: number, isSeen: boolean): void {
    const conversation = this.find(id);
    const former = conversation.marks[side];
    const read = isSeen ? Math.max(former.read, place) : former.read;
    const delivered = Math.max(former.delivered, place);
    if (read === former.read && delivered === former.delivered) return;
    this.#number(conversation);
    conversation.marks = { ...conversation.marks, [side]: { read, delivered } };
    this.#count(conversation);
    const role = side === "visitor" ? "USER" : "AGENT";
    this.#announce(conversation, "read", { role, readSeq: read, deliveredSeq: delivered }, true);
  }

  /** With an id an earlier note is changed; without a text deleted. */
  note(name: string, id: string, text: string | null, noteId?: string): void {
    const conversation = this.find(id);
    const stored = conversation.notes.find(({ note }) => note.id === noteId);
    if (noteId !== undefined && (!stored || stored.note.deletedAt)) return;
    const rev = this.#numberForTeam(conversation);
    if (!stored) {
      const afterSeq = Number(conversation.messages.at(-1)?.message.id ?? 0);
      const author = { id: name, name };
      const note: Note = { id: `${rev}`, text: text ?? "", createdAt: this.#time(), afterSeq, author };
      conversation.notes.push({ note, changedRev: rev });
      return this.#announceToTeam(conversation, "note:new", { note });
    }
    const change = text === null ? { deletedAt: this.#time() } : { editedAt: this.#time() };
    stored.note = { ...stored.note, ...change, text: text ?? "" };
    stored.changedRev = rev;
    this.#announceToTeam(conversation, text === null ? "note:deleted" : "note:updated", {
      note: stored.note,
    });
  }

  assign(id: string, assignee: string | null): void {
    const to = assignee === null ? {} : { to: { id: assignee, name: assignee } };
    this.#changeRow(this.find(id), { assignee }, { by: "AGENT", ...to });
  }

  setStatus(id: string, status: Row["status"]): void {
    this.#changeRow(this.find(id), { status }, { by: "AGENT", status });
  }

  erase(id: string): void {
    if (!this.conversations.delete(id)) return;
    this.#gone.set(id, ++this.#commits);
    this.#send(INBOX, this.#event("refresh", {}));
  }

  typing({ side, name }: Author, id: string): void {
    const role = side === "visitor" ? "USER" : "AGENT";
    const event = this.#event("typing", { conversationId: id, role, name });
    this.#send(INBOX, event);
    if (side === "team") this.#send(`conv-${id}`, event);
  }

  /** Something of a later release, which no client can read. */
  unknown(id: string): void {
    const conversation = this.find(id);
    this.#number(conversation);
    this.#announce(conversation, "message:pinned", {}, false);
  }

  thread(side: Side, id: string, before = Infinity): ThreadAnswer {
    const { messages, notes, seq, row, marks } = this.find(id);
    const behind = messages.map(({ message }) => message).filter((message) => Number(message.id) < before);
    const page = behind.slice(-PAGE);
    const first = Number(page[0]?.id ?? 0);
    const next = page.length < behind.length ? `${first}` : undefined;
    const from = next === undefined ? 0 : first;
    const between = notes.map(({ note }) => note)
      .filter(({ afterSeq = 0 }) => afterSeq >= from && afterSeq < before);
    return {
      number: side === "visitor" ? seq : row.rev,
      messages: page,
      notes: side === "visitor" ? [] : between,
      marks,
      next,
    };
  }

  changes(side: Side, id: string, after: number): ThreadAnswer | { tooMany: true } {
    const { messages, notes, seq, row, marks } = this.find(id);
    const number = side === "visitor" ? seq : row.rev;
    if (number - after > MOST_CHANGES || number < after) return { tooMany: true };
    const changed = messages.filter((one) => (side === "visitor" ? one.changedSeq : one.changedRev) > after);
    const noted = side === "visitor" ? [] : notes.filter(({ changedRev }) => changedRev > after);
    return {
      number,
      messages: changed.map((one) => one.message),
      notes: noted.map((one) => one.note),
      marks,
    };
  }

  list(fits: (row: Row) => boolean, before?: string): { rows: Row[]; next?: string; since: string } {
    const all = this.rows(fits);
    const from = before === undefined ? 0 : all.findIndex((row) => keyOf(row) < before);
    const rows = from < 0 ? [] : all.slice(from, from + PAGE);
    const last = rows.at(-1);
    const hasMore = last !== undefined && from + rows.length < all.length;
    return { rows, next: hasMore ? keyOf(last) : undefined, since: `${this.epoch} ${this.#commits}` };
  }

  listChanges(
    since: string,
  ): { rows: Row[]; left: string[]; since: string; hasMore: boolean } | { resync: true } {
    const [epoch, commits] = since.split(" ").map(Number);
    if (epoch !== this.epoch || commits === undefined) return { resync: true };
    const changed = [...this.conversations.values()].filter(({ changedAt }) => changedAt > commits)
      .sort((one, other) => one.changedAt - other.changedAt);
    const page = changed.slice(0, PAGE);
    const hasMore = page.length < changed.length;
    const reached = hasMore ? page.at(-1)?.changedAt ?? 0 : this.#commits;
    const left = [...this.#gone].filter(([, at]) => at > commits && at <= reached).map(([id]) => id);
    return { rows: page.map(({ row }) => row), left, since: `${this.epoch} ${reached}`, hasMore };
  }

  /** The texts of all messages, as they were sent. */
  texts(): string[] {
    return [...this.conversations.values()].flatMap(({ messages }) => messages.map(({ text }) => text));
  }

  /** Of a view, last activity first. */
  rows(fits: (row: Row) => boolean): Row[] {
    return [...this.conversations.values()].map(({ row }) => row).filter(fits).sort(compareRows);
  }

  #begin(id: string): void {
    const row: Row = {
      id,
      rev: 0,
      status: "OPEN",
      assignee: null,
      unread: 0,
      lastMessageAt: this.#after("2026-01-01T00:00:00.000Z"),
    };
    const none = { read: 0, delivered: 0 };
    const marks = { visitor: none, team: none };
    this.conversations.set(id, { row, seq: 0, messages: [], notes: [], marks, changedAt: ++this.#commits });
  }

  #number(conversation: ModelConversation): [seq: number, rev: number] {
    return [++conversation.seq, this.#numberForTeam(conversation)];
  }

  #numberForTeam(conversation: ModelConversation): number {
    conversation.changedAt = ++this.#commits;
    conversation.row = { ...conversation.row, rev: conversation.row.rev + 1 };
    return conversation.row.rev;
  }

  /** What a visitor changed counts anew. */
  #count(conversation: ModelConversation): void {
    const { messages, marks } = conversation;
    const unread =
      messages.filter(({ message: { role, meta }, changedSeq }) =>
        role === "USER" && changedSeq > marks.team.read && !meta.deletedAt
      ).length;
    conversation.row = { ...conversation.row, unread };
  }

  /** With the line that the team reads of it. */
  #changeRow(conversation: ModelConversation, change: Partial<Row>, told: LineChange): void {
    const rev = this.#numberForTeam(conversation);
    conversation.row = { ...conversation.row, ...change };
    const afterSeq = Number(conversation.messages.at(-1)?.message.id ?? 0);
    const line: Note = {
      id: `${rev}`,
      text: "",
      createdAt: this.#time(),
      afterSeq,
      author: {},
      change: told,
    };
    conversation.notes.push({ note: line, changedRev: rev });
    this.#announceToTeam(conversation, undefined, { line });
  }

  #announce({ row, ...conversation }: ModelConversation, type: string, data: object, hasRow: boolean): void {
    const conversationId = row.id;
    this.#send(
      `conv-${conversationId}`,
      this.#event(type, { conversationId, seq: conversation.seq, ...data }),
    );
    this.#announceToTeam({ row, ...conversation }, type, data, hasRow);
  }

  /** One broadcast for one change. */
  #announceToTeam({ row }: ModelConversation, type?: string, data: object = {}, hasRow = true): void {
    const { id: conversationId, rev } = row;
    const events = type === undefined ? [] : [this.#event(type, { conversationId, rev, ...data })];
    if (hasRow) {
      const line = type === undefined ? data : {};
      events.unshift(this.#event("conversation:updated", { conversationId, ...row, ...line }));
    }
    const [first] = events;
    this.#send(INBOX, events.length === 1 && first ? first : this.#event("events", { events }));
  }

  #event(type: string, data: Record<string, unknown>): Envelope {
    return { v: 1, id: `event-${++this.#events}`, type, at: this.#time(), data };
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }

  /** Server times of one conversation never go backwards. */
  #after(former: string): string {
    return new Date(Math.max(this.#now(), Date.parse(former) + 1)).toISOString();
  }
}

export function unreadFor(side: Side, { messages, marks }: ModelConversation): number {
  const { read } = marks[side];
  return messages.filter(({ message: { id, role, meta } }) =>
    Number(id) > read && (role === "USER") === (side === "team") && !meta.deletedAt
  ).length;
}

const keyOf = ({ lastMessageAt, id }: Row) => `${lastMessageAt} ${id}`;

export const compareRows = (one: Row, other: Row) => keyOf(one) < keyOf(other) ? 1 : -1;
