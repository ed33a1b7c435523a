import type { Shape } from "../../client/http/transport.ts";
import type { Problem, Result, TellProblem } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { type Conversation, createConversation } from "../../client/sync/conversation.ts";
import type {
  ConversationEntry,
  ConversationSource,
  ConversationState,
} from "../../client/sync/conversation_setup.ts";
import { messageEntry, type Note, noteEntry } from "../../client/sync/conversation_events.ts";
import { isGone } from "../../client/sync/conversation_view.ts";
import type { BothMarks } from "../../client/sync/marks.ts";
import type { Draft } from "../../client/sync/outbox.ts";
import type { FetchOutcome } from "../../client/sync/refetcher.ts";
import { countsAsUnread, createUnreadMark } from "../../client/sync/unread_mark.ts";
import type { KeptEdits } from "../../client/sync/kept_edits.ts";
import { entryOf, readMessage } from "../../shared/events.ts";
import { type EditedSince, followEdits } from "./edited_since.ts";
import { readAll } from "./history.ts";
import { asOne, type Written } from "./outboxes.ts";
import type { Project } from "./project.ts";
import { type CheckedRow, ROW, type Row } from "./rows.ts";

/** A conversation as an operator has it open. */
export interface Thread {
  readonly id: string;
  readonly state: ReadonlySignal<ConversationState>;
  readonly draft: ReadonlySignal<Draft>;
  /** Of an internal note. */
  readonly noteDraft: ReadonlySignal<Draft>;
  /** Corrections of the operator's that are not saved yet. */
  readonly edits: KeptEdits;
  /** With the operator's own changes that are on their way; `null` until it is known. */
  readonly row: ReadonlySignal<Row | null>;
  /** Id of another agent that the conversation turned out to belong to: it is neither shown nor answered here. */
  readonly elsewhere: ReadonlySignal<string | null>;
  /** Id of the first message that the team had not seen when it was opened, or that came while nobody looked. */
  readonly unreadFrom: ReadonlySignal<string | null>;
  /** Ids of messages that the visitor has changed since the team read them. */
  readonly editedSince: ReadonlySignal<ReadonlySet<string>>;
  readonly conversation: Conversation;
  setDraft(text: string): void;
  send(body: string): void;
  /** Nobody is told that a note is being written. */
  setNoteDraft(text: string): void;
  sendNote(body: string): void;
  /**
   * Changes an own message or note as long as it is that version, or deletes it for `null`. Resolves to why it was
   * not, or to `null`.
   */
  change(entry: ConversationEntry, body: string | null, version?: string): Promise<Problem | null>;
  /** Ends a message that still grows. Resolves as `change` does. */
  stop(entryId: string): Promise<Problem | null>;
  resend(clientId: string): void;
  discard(clientId: string): void;
  edit(clientId: string): void;
  loadOlder(): void;
  /** See `ConversationActions`. */
  setReading(reading: boolean, seen?: string, from?: string): void;
  /** Whether the row counts it as unread: what the visitor wrote, and did not delete. */
  counts(entryId?: string): boolean;
  reload(): void;
  /** All that was ever said there, and noted; see `readAll` in `history.ts`. */
  readAll(told: (count: number) => boolean): Promise<Result<ConversationEntry[]>>;
  /** A list or a broadcast has the row as it is at `row.rev`. */
  rowCame(row: Row): void;
  /** What is expected of its row is something else. */
  redraw(): void;
}

export interface ThreadSetup {
  environment: Environment;
  /** The open conversation's. */
  scope: Scope;
  project: Project;
  id: string;
  /** Under whose name it is answered. */
  agentId: string;
  /** Who answers. */
  userId: string;
  name: string;
  written: Written;
  expected(row: Row): Row;
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onProblem: TellProblem;
}

export function createThread(setup: ThreadSetup): Thread {
  const { environment, scope, id, written, expected, onFetched, onProblem } = setup;
  const { replies, notes } = written;
  const outbox = asOne(written);
  const row = signal<Row | null>(null);
  let known: Row | null = null;
  const elsewhere = signal<string | null>(null);
  const rowCame = (next: Row) => {
    if (next.id !== id || next.rev < (known?.rev ?? 0)) return;
    const isTakenOver = known !== null && known.assignee?.id !== next.assignee?.id;
    known = next;
    redraw();
    if (!isTakenOver) return;
    conversation.holderChanged();
    edits.holderChanged();
  };
  const redraw = () => void (row.value = known && expected(known));
  const source = conversationSource(setup, { rowCame, isElsewhere: (agentId) => elsewhere.value = agentId });
  const conversation = createConversation({
    environment,
    scope,
    source,
    outbox,
    viewer: { side: "team", id: setup.userId, name: setup.name },
    number: "rev",
    onForeignEntry: () => undefined,
    onFetched,
    onProblem,
  });
  const { state } = conversation;
  const edits = followEdits({ ...setup, row, state });
  state.subscribe(({ status, problem }) => {
    if (status !== "failed" || !isGone(problem)) return;
    known = null;
    // Whoever lost an agent may get it back, and with it the conversation.
    if (problem?.code === "item_not_found") written.forget();
    redraw();
  });
  scope.onEnd(() => outbox.watch(null));

  return {
    id,
    state,
    draft: replies.draft,
    noteDraft: notes.draft,
    edits: written.edits,
    row,
    elsewhere,
    editedSince: edits.ids,
    ...createReading(conversation, edits),
    conversation,
    setDraft(text) {
      outbox.setDraft(text);
      if (text) conversation.typed();
    },
    send: (body) => elsewhere.value === null && replies.add(body),
    setNoteDraft: notes.setDraft,
    sendNote: (body) => elsewhere.value === null && notes.add(body),
    ...createChanges(setup, conversation),
    resend: outbox.resend,
    discard: outbox.discard,
    edit: outbox.edit,
    loadOlder: conversation.loadOlder,
    reload: conversation.reload,
    readAll: (told) => readAll(source, told),
    rowCame,
    redraw,
  };
}

/** What an operator changes of what was written, and ends of what still is. */
function createChanges(
  { project, id }: ThreadSetup,
  { refetcher }: Conversation,
): Pick<Thread, "change" | "stop"> {
  return {
    async change({ id: entryId, noteId }, body, version) {
      const about = { p_conversation_id: id, p_body: body, p_version: version };
      const result = noteId === undefined
        ? await project.call("inbox_edit", { ...about, p_seq: Number(entryId) }, {})
        : await project.call("inbox_edit_note", { ...about, p_note_id: Number(noteId) }, {});
      // What it says by now may have been told by a broadcast that did not arrive.
      if (!result.ok && result.problem.code === "conflict") refetcher.hint();
      return result.ok ? null : result.problem;
    },
    async stop(entryId) {
      const about = { p_conversation_id: id, p_seq: Number(entryId) };
      const result = await project.call("inbox_stop", about, {});
      return result.ok ? null : result.problem;
    },
  };
}

/** Where begins what the team has not seen, and how far the operator has come. */
function createReading(
  { state, setSeen }: Conversation,
  edits: EditedSince,
): Pick<Thread, "unreadFrom" | "setReading" | "counts"> {
  const unreadFrom = signal<string | null>(null);
  const unread = createUnreadMark((role) => role === "visitor");
  state.subscribe((now) => {
    if (now.status !== "ready") return;
    unread.count(now.unread);
    unreadFrom.value = unread.from(now.entries, now.unreadAbove) ?? null;
  });
  return {
    unreadFrom,
    setReading(reading, seen, from) {
      unread.setReading(reading);
      edits.setReading(reading);
      setSeen(Number(seen ?? 0) || 0, Number(from ?? 0) || 0);
    },
    counts(entryId) {
      const entry = state.value.entries.find(({ id }) => id === entryId);
      return entry?.author.role === "visitor" && countsAsUnread(entry);
    },
  };
}

interface Answer {
  row: CheckedRow;
  rev: number;
  messages: object[];
  notes: object[];
}

interface PageAnswer extends Answer {
  agentId: string;
  /** Where the next older page begins. */
  next: number | null;
}

const PAGE: Shape<Omit<PageAnswer, "next">> = { agentId: "", row: ROW, rev: 0, messages: [{}], notes: [{}] };

interface Heard {
  rowCame(row: Row): void;
  isElsewhere(agentId: string): void;
}

/** The conversation in the built-in store. */
function conversationSource(
  { project, id, agentId }: ThreadSetup,
  { rowCame, isElsewhere }: Heard,
): ConversationSource {
  const about = { p_conversation_id: id };

  function read({ row, rev, messages, notes }: Answer) {
    rowCame(row as Row);
    const entries = [
      ...messages.map(readMessage).filter((message) => message !== null)
        .map((message) => messageEntry(entryOf(message))),
      ...(notes as unknown[] as Note[]).map(noteEntry),
    ];
    return { number: rev, entries, marks: marksOf(row) };
  }

  return {
    async fetchPage(cursor) {
      const before = cursor === undefined ? {} : { p_before_seq: Number(cursor) };
      const result = await project.call<Omit<PageAnswer, "next">>(
        "inbox_thread",
        { ...about, ...before },
        PAGE,
      );
      if (!result.ok) return result;
      if (result.value.agentId !== agentId) {
        isElsewhere(result.value.agentId);
        return { ok: false, problem: { code: "action_not_enabled", message: "It is another agent's." } };
      }
      const { next } = result.value as PageAnswer;
      const nextCursor = next === null ? undefined : String(next);
      return { ok: true, value: { ...read(result.value), nextCursor } };
    },
    async changesAfter(number) {
      const args = { ...about, p_after_rev: number };
      const result: Result<Partial<Answer>> = await project.call("inbox_thread_changes", args, {});
      if (!result.ok) return result;
      const { row, rev, messages, notes } = result.value;
      if (!row || !messages || !notes) return { ok: true, value: { tooMany: true } };
      return { ok: true, value: read({ row, rev: rev ?? number, messages, notes }) };
    },
    read: (place) => project.call("inbox_read", { ...about, p_seq: place }, {}),
    deliver: (place) => project.call("inbox_read", { ...about, p_seq: place, p_seen: false }, {}),
    typing: () => project.call("inbox_typing", about, {}),
  };
}

function marksOf({ readSeqs, deliveredSeqs }: CheckedRow): BothMarks {
  return {
    visitor: { read: readSeqs.visitor, delivered: deliveredSeqs.visitor },
    team: { read: readSeqs.team, delivered: deliveredSeqs.team },
  };
}
