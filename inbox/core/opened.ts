import { isTemporary } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { ConversationEntry, ConversationState } from "../../client/sync/conversation_setup.ts";
import { compareEntries, readHeard, type StreamEntry } from "../../client/sync/conversation_events.ts";
import { createStream, type Stream } from "../../client/sync/stream.ts";
import { type Envelope, eventsOf } from "../../shared/events.ts";
import type { Row } from "./rows.ts";
import type { Thread } from "./thread.ts";

/** How many conversations stay in memory after they were open. */
const KEPT = 40;
/** Of each so many entries, its newest. */
const ENTRIES_KEPT = 50;

interface Kept {
  row: Row | null;
  stream: Stream<StreamEntry>;
}

/**
 * The conversation that is open, and those that were: coming back to one shows it at once as it was last known, while it is
 * fetched anew. At most one is open; opening another closes it.
 */
export interface Opened {
  readonly thread: Thread | undefined;
  open(id: string): Thread;
  close(): void;
  /** What the team's channel tells reaches the open conversation, and those in memory. */
  hear(envelope: Envelope | null): void;
  /** What is in memory may be shown no more. */
  forget(): void;
}

export interface OpenedSetup {
  /** The desk's. */
  scope: Scope;
  /** A conversation, in a scope of its own. */
  make(id: string, scope: Scope): Thread;
  onClosed(id: string): void;
}

export function createOpened({ scope: parent, make, onClosed }: OpenedSetup): Opened {
  let current: { thread: Thread; scope: Scope } | null = null;
  /** By id, the one that was open last at the end. */
  const kept = new Map<string, Kept>();

  function keep({ id, state: { value }, row }: Thread) {
    kept.delete(id);
    if (value.status !== "ready") return;
    kept.set(id, { row: row.value, stream: streamOf(value) });
    for (const oldest of [...kept.keys()].slice(0, -KEPT)) kept.delete(oldest);
  }

  function close() {
    if (!current) return;
    const { thread, scope } = current;
    keep(thread);
    scope.end();
    current = null;
    onClosed(thread.id);
  }

  return {
    get thread() {
      return current?.thread;
    },
    open(id) {
      if (current?.thread.id === id) return current.thread;
      close();
      const scope = parent.child();
      const thread = beginningWith(kept.get(id), make(id, scope), scope);
      current = { thread, scope };
      return thread;
    },
    close,
    hear(told) {
      const envelope = withoutLaterRows(told);
      current?.thread.conversation.listener.onEvent(envelope);
      const about = new Set((envelope ? eventsOf(envelope) : []).map(({ data }) => data.conversationId));
      for (const id of about) {
        const stream = typeof id === "string" && kept.get(id)?.stream;
        if (!stream) continue;
        for (const change of [...readHeard(envelope, id, "rev").changes.values()].flat()) {
          if (change.kind === "entry") stream.put(change.entry);
        }
      }
    },
    forget: () => kept.clear(),
  };
}

/**
 * Of messages that were written at once each broadcast tells one, and the row as the last has left it: its number is that of
 * a message which is still to come.
 */
function withoutLaterRows(envelope: Envelope | null): Envelope | null {
  if (envelope === null) return null;
  const all = eventsOf(envelope);
  const isEarlier = ({ type, data }: Envelope, row: Envelope) =>
    type !== row.type && data.conversationId === row.data.conversationId &&
    Number(data.rev) < Number(row.data.rev);
  const events = all.filter((event) =>
    event.type !== "conversation:updated" || !all.some((other) => isEarlier(other, event))
  );
  return events.length === all.length ? envelope : { ...envelope, type: "events", data: { events } };
}

/** What is on its way is kept by its outbox. */
function streamOf({ entries, hasOlder }: ConversationState): Kept["stream"] {
  const stored = entries.filter((entry): entry is ConversationEntry & StreamEntry =>
    entry.place !== undefined
  );
  const newest = stored.slice(-ENTRIES_KEPT);
  const stream = createStream<StreamEntry>(compareEntries);
  const isCut = hasOlder || newest.length < stored.length;
  stream.replace({ entries: newest, ...isCut && { nextCursor: "" } });
  return stream;
}

/** The thread, but until it has been fetched with what was kept of it. */
function beginningWith(kept: Kept | undefined, thread: Thread, scope: Scope): Thread {
  if (!kept) return thread;
  if (kept.row) thread.rowCame(kept.row);
  const state = signal(untilFetched(thread.state.value, kept));
  scope.onEnd(thread.state.subscribe((now) => state.value = untilFetched(now, kept)));
  return { ...thread, state: state as ReadonlySignal<ConversationState> };
}

function untilFetched(now: ConversationState, { stream }: Kept): ConversationState {
  const isFetched = now.status === "ready" || (now.problem && !isTemporary(now.problem));
  if (isFetched) return now;
  const written = new Set(now.entries.map(({ clientId }) => clientId));
  const known = stream.rows.filter(({ clientId }) => clientId === undefined || !written.has(clientId));
  const entries = [...known, ...now.entries];
  return { ...now, status: "ready", entries, hasOlder: stream.cursor !== undefined };
}
