import type { TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { noteEntry, readNote } from "../../client/sync/conversation_events.ts";
import { type Accepted, createOutbox, type Outbox } from "../../client/sync/outbox.ts";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import { createWritings, DRAFT } from "../../client/sync/writings.ts";
import { entryOf, readMessage } from "../../shared/events.ts";
import type { InboxEnvironment, Project } from "./project.ts";

/** After another window has left the place of a draft, in milliseconds. */
const KEPT_AGAIN = 3000;
const WRITING_KEY = "heddle.inbox.writing";

export interface OutboxesSetup {
  environment: InboxEnvironment;
  /** The operator's session. */
  scope: Scope;
  project: Project;
  agentId: string;
  userId: string;
  onProblem: TellProblem;
}

type Kind = "reply" | "note";

const CALLS: Record<Kind, string> = { reply: "inbox_post", note: "inbox_note" };

/** Where notes are kept while they are written. */
const notesOf = (agentId: string) => `${agentId} notes`;

/** What an operator has written into one conversation. */
export interface Written {
  replies: Outbox<Accepted>;
  notes: Outbox<Accepted>;
}

/** Removes from the browser what an operator has written and not sent, but for these agents' conversations. */
export function forgetWritings(
  environment: Pick<Environment, "storage" | "now">,
  userId: string,
  agentIds: readonly string[] = [],
): void {
  const kept = new Set(agentIds.flatMap((id) => [id, notesOf(id)]));
  const writings = createWritings(environment, WRITING_KEY, userId);
  for (const place of writings.places()) {
    if (kept.has(place.tabId)) continue;
    for (const writing of writings.read(place)) writings.keep(place, { ...writing, text: "" });
  }
}

/** The message or note as the store has it, where the answer can be read. */
function acceptedOf(answer: { message?: unknown; note?: unknown }): Accepted {
  const message = readMessage(answer.message);
  if (message) return { entry: entryOf(message) };
  const note = readNote(answer.note);
  return note ? { entry: noteEntry(note) } : {};
}

/** What an operator has written, by conversation, on this page and on earlier ones. */
export function createOutboxes({ environment, scope, project, agentId, userId, onProblem }: OutboxesSetup) {
  const all = new Map<string, Written>();
  const writings = createWritings(environment, WRITING_KEY, userId);
  const placeOf = (kind: Kind, itemId: string | null) => ({
    tabId: kind === "note" ? notesOf(agentId) : agentId,
    itemId,
  });

  const make = (id: string, kind: Kind) =>
    createOutbox<Accepted>({
      environment,
      scope,
      viewer: "operator",
      itemId: id,
      keeper: {
        read: (itemId) => writings.read(placeOf(kind, itemId)),
        keep: (itemId, writing) => !scope.ended && writings.keep(placeOf(kind, itemId), writing),
        alone: (clientId, run) => environment.exclusively(`${WRITING_KEY}:${clientId}`, run),
      },
      async send({ clientId, body }) {
        const args = { p_conversation_id: id, p_client_id: clientId, p_body: body };
        const result = await project.call<object>(CALLS[kind], args, {});
        return result.ok ? { ok: true, value: acceptedOf(result.value) } : result;
      },
      onAccepted: () => undefined,
      onChange: () => undefined,
      onProblem,
      // The store knows an entry by its client id.
      isIdempotent: () => true,
    });

  function of(id: string): Written {
    const written = all.get(id) ?? { replies: make(id, "reply"), notes: make(id, "note") };
    all.set(id, written);
    return written;
  }

  // What earlier pages have not sent goes out now.
  for (const { tabId, itemId } of writings.places()) {
    if (itemId && (tabId === agentId || tabId === notesOf(agentId))) of(itemId);
  }

  /** Another window took the place of a draft with one of its own, and has sent that one, or emptied its field. */
  function keepAgain(id: string, kind: Kind, { draft, setDraft }: Outbox<Accepted>) {
    const { value } = draft;
    const isKept = () =>
      writings.read(placeOf(kind, id)).some((writing) =>
        writing.id === DRAFT || writing.text === value.text.trim()
      );
    if (value.text === "" || isKept()) return;
    // Unless word comes that it was this one, or its writer leaves.
    scope.after(KEPT_AGAIN, () => {
      if (draft.value === value && !isKept()) setDraft(value.text);
    });
  }

  scope.onEnd(environment.followStorage(WRITING_KEY, () => {
    for (const [id, { replies, notes }] of all) {
      keepAgain(id, "reply", replies);
      keepAgain(id, "note", notes);
    }
  }));

  return {
    of,
    /** A conversation was closed: where nothing was left unsent, nothing stays. */
    closed(id: string) {
      const { replies, notes } = of(id);
      const isEmpty = [replies, notes].every(({ entries, draft }) =>
        entries().length === 0 && draft.value.text === ""
      );
      if (isEmpty) all.delete(id);
    },
    flush() {
      for (const { replies, notes } of all.values()) {
        replies.flush();
        notes.flush();
      }
    },
  };
}

/**
 * Both as the open conversation shows them: what is still on its way stands last, in the order of writing. What is done about
 * an entry reaches the one that has it.
 */
export function asOne({ replies, notes }: Written): Outbox<Accepted> {
  const ofEntry = (clientId: string) =>
    notes.entries().some((entry) => entry.clientId === clientId) ? notes : replies;
  return {
    ...replies,
    watch(watcher) {
      replies.watch(watcher);
      notes.watch(watcher);
    },
    resend: (clientId) => ofEntry(clientId).resend(clientId),
    discard: (clientId) => ofEntry(clientId).discard(clientId),
    edit: (clientId) => ofEntry(clientId).edit(clientId),
    reconcile(entries: readonly ThreadEntry[], startedAt) {
      replies.reconcile(entries.filter(({ noteId }) => noteId === undefined), startedAt);
      notes.reconcile(entries.filter(({ noteId }) => noteId !== undefined), startedAt);
    },
    entries() {
      const own = notes.entries().map((entry) => ({ ...entry, noteId: entry.id }));
      return [...replies.entries(), ...own].sort((a, b) => timeOf(a) - timeOf(b));
    },
    sent: (entry) => replies.sent(entry) || notes.sent(entry),
    clear() {
      replies.clear();
      notes.clear();
    },
  };
}

const timeOf = ({ createdAt = "" }: { createdAt?: string }) => Date.parse(createdAt);
