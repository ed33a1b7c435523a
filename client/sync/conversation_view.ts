import type { Problem } from "../http/problem.ts";
import { signal } from "../platform/emitter.ts";
import type {
  ConversationEntry,
  ConversationPage,
  ConversationSetup,
  ConversationState,
  Viewer,
} from "./conversation_setup.ts";
import {
  compareEntries,
  type ConversationChange,
  type Heard,
  type StreamEntry,
} from "./conversation_events.ts";
import { type BothMarks, forward, forwardBoth, type Marks, NO_MARKS, receiptAt, type Side } from "./marks.ts";
import type { Accepted, Outbox } from "./outbox.ts";
import type { Delivery } from "./pending.ts";
import { createStream, type Stream } from "./stream.ts";
import { createTypists, type Typist } from "./typing.ts";
import { countsAsUnread } from "./unread_mark.ts";

/** True if there is nothing to ask for again: it was erased or removed, or never was the viewer's. */
export function isGone(problem: Problem | undefined): boolean {
  return problem?.code === "item_not_found" || problem?.code === "agent_not_found";
}

export type ConversationView = ReturnType<typeof createConversationView>;

/** What a conversation shows, and what changes that. */
export function createConversationView<Answer extends Accepted>(setup: ConversationSetup<Answer>) {
  const { environment, scope, outbox, viewer, onProblem } = setup;
  const stream = createStream(compareEntries);
  const typists = createTypists({ scope, onChange: () => show({ typists: typists.all }) });
  const isForeign = (entry: StreamEntry) => sideOf(entry) === other(viewer.side);
  const decorate = createDecoration(setup);
  const news = createNews(setup, isForeign);
  const grown = (entry: StreamEntry) => longer(seenBy(viewer, entry), stream.rows);
  let marks = NO_MARKS;
  const readings = createReadings(stream, isForeign, () => marks[viewer.side].read);
  const state = signal(initialState(outbox));

  function show(change: Partial<ConversationState> = {}) {
    if (scope.ended) return;
    const told = state.value.problem?.code;
    const others = marks[other(viewer.side)];
    const entries = [...stream.rows.map((row) => decorate(row, others)), ...outbox.entries()];
    const loaded = { entries, marks, ...readings.counts() };
    state.value = { ...state.value, ...loaded, ...change };
    const { problem } = state.value;
    // What is tried in the background fails again and again.
    if (problem && problem.code !== told) onProblem(problem);
  }

  /** Nothing stays on the screen or in storage of what the source has no more. */
  function clear(problem: Problem) {
    stream.replace({ entries: [] });
    // Whoever lost an agent may get it back, and with it the conversation.
    if (problem.code === "item_not_found") forget(outbox);
    show({ status: "failed", problem, entries: [], typists: [] });
  }

  return {
    state,
    show,
    get cursor() {
      return stream.cursor;
    },
    newestForeign: readings.newestForeign,
    readTo: readings.readTo,
    /** True if no accepted entry is missing from what was fetched and heard. */
    isAllShown: () => outbox.entries().every(({ delivery }) => delivery !== "sent"),
    replace(page: ConversationPage) {
      stream.replace({ ...page, entries: page.entries.map(grown).toSorted(compareEntries) });
      news.pageCame(stream.rows);
    },
    prepend(page: ConversationPage, cursor: string) {
      stream.prepend({ ...page, entries: page.entries.map(grown).toSorted(compareEntries) }, cursor);
    },
    apply(change: ConversationChange) {
      if (change.kind === "marks") {
        marks = { ...marks, [change.side]: forward(marks[change.side], change.marks) };
      }
      if (change.kind !== "entry") return;
      const entry = grown(change.entry);
      stream.put(entry);
      outbox.reconcile([entry], environment.nextInOrder());
      if (!entry.deletedAt) typists.wrote(entry.author, Date.parse(entry.createdAt ?? ""));
      news.entryCame(entry);
    },
    typing(heard: Heard["typing"]) {
      for (const { typist, at } of heard) if (!isOwn(typist, viewer)) typists.heard(typist, at);
    },
    /** An answer has been applied. */
    ready(told: Partial<BothMarks> = {}) {
      marks = forwardBoth(marks, told);
      show({ status: "ready", problem: undefined });
    },
    fail(problem: Problem) {
      if (isGone(problem)) return clear(problem);
      show({ status: state.value.status === "ready" ? "ready" : "failed", problem });
    },
    reloading() {
      if (state.value.status === "failed") show({ status: "loading", problem: undefined });
    },
  };
}

/**
 * In a room the other visitors stand on the other side, as a team's members do. A `clientId` is its writer's: others may have
 * copied it from what the viewer wrote.
 */
function seenBy({ side, id }: Viewer, entry: StreamEntry): StreamEntry {
  const { author } = entry;
  // Notes are of no side, and the team's alone.
  const isSameSide = sideOf(entry) === side || entry.noteId !== undefined;
  if (isSameSide && (author.id ?? id) === id) return entry;
  const isPeer = isSameSide && side === "visitor";
  return {
    ...entry,
    clientId: undefined,
    ...(isPeer && { peer: true, author: { ...author, role: "operator" } }),
  };
}

/** What of the messages by the other side is read, up to the viewer's mark and beyond it. */
function createReadings(
  stream: Stream<StreamEntry>,
  isForeign: (row: StreamEntry) => boolean,
  mark: () => number,
) {
  const counts = (row: StreamEntry) => isForeign(row) && countsAsUnread(row);
  const isUnread = (row: StreamEntry) => row.place > mark() && counts(row);
  /** Place of the newest one, up to a place. */
  const newestForeign = (upTo = Infinity) =>
    stream.rows.findLast((row) => row.place <= upTo && counts(row))?.place ?? 0;
  /** What is not loaded may be unread. */
  const isCut = () => stream.cursor !== undefined && (stream.rows[0]?.place ?? 0) > mark() + 1;
  return {
    newestForeign,
    counts: () => ({
      hasOlder: stream.cursor !== undefined,
      unread: stream.rows.filter(isUnread).length,
      unreadAbove: isCut(),
    }),
    /**
     * Place of the newest message that counts as read where those from one place to another were seen: 0 as long as
     * something unread is before them. What grows is read once it is whole.
     */
    readTo(seen: number, from: number) {
      if (isCut() || stream.rows.some((row) => row.place < from && isUnread(row))) return 0;
      const growing = stream.rows.find((row) => isForeign(row) && row.status === "streaming");
      return newestForeign(Math.min(seen, (growing?.place ?? Infinity) - 1));
    },
  };
}

/** An answer may know less of a message that grows than was heard of it. */
function longer(entry: StreamEntry, rows: readonly StreamEntry[]): StreamEntry {
  const known = entry.status === "streaming" && rows.find(({ id }) => id === entry.id);
  return known && (known.status !== "streaming" || known.body.length > entry.body.length) ? known : entry;
}

function initialState<Answer extends Accepted>(outbox: Outbox<Answer>): ConversationState {
  return {
    status: outbox.itemId === null ? "ready" : "loading",
    entries: outbox.entries(),
    hasOlder: false,
    loadingOlder: false,
    typists: [],
    marks: NO_MARKS,
    unread: 0,
    unreadAbove: false,
  };
}

/** Drops what was written and not sent. */
function forget<Answer extends Accepted>(outbox: Outbox<Answer>): void {
  for (const { clientId } of outbox.entries()) if (clientId) outbox.discard(clientId);
  outbox.clear();
}

const other = (side: Side): Side => side === "visitor" ? "team" : "visitor";

/** Who wrote a message; a note is of no side, since it goes from none to the other. */
function sideOf({ author, noteId }: StreamEntry): Side | undefined {
  if (noteId !== undefined) return undefined;
  return author.role === "visitor" ? "visitor" : "team";
}

function isOwn({ role, id, name }: Typist, viewer: Viewer): boolean {
  if (role === "visitor") return viewer.side === "visitor";
  if (id !== undefined && viewer.id !== undefined) return id === viewer.id;
  return name !== undefined && name === viewer.name;
}

/** A row with how it fares; the same object as long as it fares the same. */
function createDecoration<Answer extends Accepted>({ outbox, viewer }: ConversationSetup<Answer>) {
  const made = new WeakMap<StreamEntry, ConversationEntry>();
  return (row: StreamEntry, others: Marks): ConversationEntry => {
    const receipt = sideOf(row) === viewer.side ? receiptAt(row.place, others) : undefined;
    const delivery: Delivery | undefined = outbox.sent(row) ? "sent" : undefined;
    const former = made.get(row);
    if (former && former.receipt === receipt && former.delivery === delivery) return former;
    const entry = { ...row, ...(receipt && { receipt }), ...(delivery && { delivery }) };
    made.set(row, entry);
    return entry;
  };
}

/** What an open conversation did not show before: each message by the other side is told once. */
function createNews<Answer extends Accepted>(
  { outbox, onForeignEntry }: ConversationSetup<Answer>,
  isForeign: (entry: StreamEntry) => boolean,
) {
  /** Of the newest message that was told, or was there at first. */
  let toldTo: number | null = outbox.itemId === null ? 0 : null;

  function tell(entry: StreamEntry) {
    if (toldTo === null || entry.place <= toldTo || !isForeign(entry)) return;
    // Nor is what still grows told.
    if (entry.status === "streaming") return;
    toldTo = entry.place;
    if (!entry.deletedAt) onForeignEntry(entry);
  }

  return {
    entryCame: tell,
    pageCame(rows: readonly StreamEntry[]) {
      if (toldTo === null) toldTo = rows.findLast(({ noteId }) => noteId === undefined)?.place ?? 0;
      else rows.forEach(tell);
    },
  };
}
