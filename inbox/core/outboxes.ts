import type { TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { noteEntry, readNote } from "../../client/sync/conversation_events.ts";
import { type Accepted, createOutbox, type Outbox, type OutboxSetup } from "../../client/sync/outbox.ts";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import { editsOf, type KeptEdits, keptEdits } from "../../client/sync/kept_edits.ts";
import { createWritings, DRAFT, type Writings } from "../../client/sync/writings.ts";
import { entryOf, readMessage } from "../../shared/events.ts";
import { formsOf } from "./form_drafts.ts";
import type { InboxEnvironment, Project } from "./project.ts";
import { type Renewed, renewed } from "./renewed_outbox.ts";
import { asideOf, createSharedDraft, type SharedDraft } from "./shared_draft.ts";
import { createLateCheck } from "./unsent.ts";

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

type Follower = Pick<SharedDraft, "changedElsewhere" | "returned">;

/** All under which something that an operator writes for an agent is kept. */
const tabsOf = (agentId: string) => [
  ...[agentId, notesOf(agentId)].flatMap((id) => [id, asideOf(id)]),
  editsOf(agentId),
  formsOf(agentId),
];

/** What an operator has written into one conversation. */
export interface Written {
  replies: Renewed & Follower;
  notes: Renewed & Follower;
  edits: KeptEdits;
  /** The conversation is no more: nothing that was written there stays. */
  forget(): void;
}

/** Removes from the browser what an operator has written and not sent, but for these agents' conversations. */
export function forgetWritings(
  environment: Pick<Environment, "storage" | "now">,
  userId: string,
  agentIds: readonly string[] = [],
): void {
  const kept = new Set(agentIds.flatMap(tabsOf));
  const writings = createWritings(environment, WRITING_KEY, userId);
  for (const place of writings.places()) {
    if (kept.has(place.tabId)) continue;
    for (const writing of writings.read(place)) writings.keep(place, { ...writing, text: "" });
  }
}

/** How much of what an operator has written would be lost. */
export interface Unsent {
  /** Replies and notes that were handed over and have not gone out. */
  replies: number;
  /** What is still being written. */
  drafts: number;
}

/** What of an operator's writing is in this browser and nowhere else; nothing of nobody's. */
export function unsentIn(environment: Pick<Environment, "storage" | "now">, userId = ""): Unsent {
  const writings = createWritings(environment, WRITING_KEY, userId);
  const places = new Map(writings.places().map((place) => [JSON.stringify(place), place]));
  const unsent = { replies: 0, drafts: 0 };
  for (const place of places.values()) {
    const isBegun = / (?:aside|edits)$/.test(place.tabId);
    for (const { id } of writings.read(place)) unsent[isBegun || id === DRAFT ? "drafts" : "replies"]++;
  }
  return unsent;
}

function forgetConversations(writings: Writings, agentId: string, ids: readonly string[]): void {
  const tabs = tabsOf(agentId);
  for (const place of writings.places()) {
    if (!tabs.includes(place.tabId) || !ids.includes(place.itemId ?? "")) continue;
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

const placeOf = (agentId: string, kind: Kind, itemId: string | null) => ({
  tabId: kind === "note" ? notesOf(agentId) : agentId,
  itemId,
});

/** Makes the outbox of a conversation for either kind. */
function createMaker(setup: OutboxesSetup, writings: Writings, onChange: () => void) {
  const { environment, scope, project, agentId, userId, onProblem } = setup;
  const lateCheck = createLateCheck({ environment, project, userId });

  return (id: string, kind: Kind): Renewed & Follower => {
    const { asked, sending } = rememberAsked(environment);
    const { now, uuid } = environment;
    const place = placeOf(agentId, kind, id);
    const draft = createSharedDraft({ scope, now, writings, place, id: uuid() });
    const outbox = renewed(() => {
      const setup: OutboxSetup<Accepted> = {
        environment,
        scope,
        viewer: "operator",
        itemId: id,
        keeper: {
          read: () => writings.read(place),
          keep: (_, writing) => writings.keep(place, writing),
          alone: (clientId, run) => environment.exclusively(`${WRITING_KEY}:${clientId}`, run),
        },
        async send({ clientId, body }) {
          const writtenAt = sending(outbox.entries(), clientId);
          const late = await lateCheck({ conversationId: id, clientId, writtenAt });
          if (late) return late.ok ? { ok: true, value: { entry: late.value } } : late;
          const args = { p_conversation_id: id, p_client_id: clientId, p_body: body };
          const result = await project.call<object>(CALLS[kind], args, {});
          return result.ok ? { ok: true, value: acceptedOf(result.value) } : result;
        },
        onAccepted: () => undefined,
        onChange,
        onProblem,
        // The store knows an entry by its client id.
        isIdempotent: () => true,
      };
      return createOutbox(setup, () => draft);
    });
    return {
      ...outbox,
      watch(watcher) {
        draft.watched(watcher !== null);
        outbox.watch(watcher);
      },
      changedElsewhere: draft.changedElsewhere,
      returned: draft.returned,
      resend(clientId) {
        asked(clientId);
        outbox.resend(clientId);
      },
    };
  };
}

/** Nothing is kept of an operator who has left for good. */
export function writingsOf(
  { environment, scope, userId }: Pick<OutboxesSetup, "environment" | "scope" | "userId">,
): Writings {
  const writings = createWritings(environment, WRITING_KEY, userId);
  return { ...writings, keep: (place, writing) => !scope.ended && writings.keep(place, writing) };
}

/** What an operator has written, by conversation, on this page and on earlier ones. */
export function createOutboxes(setup: OutboxesSetup) {
  const { environment, scope, agentId } = setup;
  const all = new Map<string, Written>();
  const notSent = signal<ReadonlySet<string>>(new Set());
  const writings = writingsOf(setup);

  const make = createMaker(setup, writings, tell);

  function tell() {
    const next = [...all].filter(([, written]) => isStuck(written)).map(([id]) => id);
    if (!scope.ended && next.join() !== [...notSent.value].join()) notSent.value = new Set(next);
  }

  function of(id: string): Written {
    const written = all.get(id) ?? {
      replies: make(id, "reply"),
      notes: make(id, "note"),
      edits: keptEdits(writings, { tabId: agentId, itemId: id }, environment),
      forget: () => forget([id]),
    };
    if (!all.has(id)) {
      all.set(id, written);
      tell();
    }
    return written;
  }

  const eachOutbox = (run: (outbox: Written["replies"]) => void) =>
    [...all.values()].flatMap(({ replies, notes }) => [replies, notes]).forEach(run);

  const forget = (ids: readonly string[]) => forgetConversations(writings, agentId, ids);

  /** What other pages have left unsent, earlier or meanwhile, goes out from here. */
  function takeUp() {
    for (const place of writings.places()) {
      const { tabId, itemId } = place;
      if (!itemId || (tabId !== agentId && tabId !== notesOf(agentId))) continue;
      // A draft is nobody's but of the window that has the conversation open.
      if (writings.read(place).every((writing) => writing.id === DRAFT)) continue;
      const { replies, notes } = of(itemId);
      if (tabId === agentId) replies.takeUp();
      else notes.takeUp();
    }
  }
  takeUp();

  scope.onEnd(environment.followStorage(WRITING_KEY, () => {
    eachOutbox((outbox) => outbox.changedElsewhere());
    takeUp();
  }));

  return {
    of,
    /** Ids of the conversations with something that has not gone out. */
    notSent: notSent as ReadonlySignal<ReadonlySet<string>>,
    /** A conversation was closed: where nothing was left unsent, nothing stays. */
    closed(id: string) {
      const { replies, notes } = of(id);
      const isEmpty = [replies, notes].every(({ entries, draft }) =>
        entries().length === 0 && draft.value.text === ""
      );
      if (isEmpty) all.delete(id);
    },
    /** These conversations are no more. */
    forget,
    /** The operator came back to the window. */
    returned() {
      eachOutbox((outbox) => outbox.returned());
      takeUp();
    },
    flush() {
      takeUp();
      eachOutbox((outbox) => outbox.flush());
    },
  };
}

/** When an operator wrote an entry, or asked for it again last. */
function rememberAsked({ now }: Pick<Environment, "now">) {
  const again = new Map<string, number>();
  return {
    asked: (clientId: string) => void again.set(clientId, now()),
    sending(entries: readonly ThreadEntry[], id: string): number {
      const entry = entries.find(({ clientId }) => clientId === id);
      return again.get(id) ?? (entry ? timeOf(entry) : now());
    },
  };
}

/** Something waits for the network, or for what its writer decides. */
function isStuck({ replies, notes }: Pick<Written, "replies" | "notes">): boolean {
  return [...replies.entries(), ...notes.entries()].some(({ delivery = "" }) => !delivery.startsWith("sen"));
}

/**
 * Both as the open conversation shows them: what is still on its way stands last, in the order of writing. What is done about
 * an entry reaches the one that has it.
 */
export function asOne({ replies, notes }: Pick<Written, "replies" | "notes">): Outbox<Accepted> {
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
