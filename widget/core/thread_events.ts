import { entryOf, type Envelope, eventsOf, readMessage } from "../../shared/events.ts";
import type { Entry } from "../../shared/items.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";

const TYPING = 6000;

export interface Typing {
  name?: string;
}

/** What a conversation's broadcasts tell, shown until a fetch tells it too: the fetch is the truth. */
export interface ThreadEvents {
  /** `null` for a broadcast that is no envelope. */
  receive(envelope: Envelope | null): void;
  /**
   * The fetched entries, oldest first, with what is known of them since; none that is among those on their
   * way.
   */
  over(entries: Entry[], sending: Entry[]): Entry[];
  /** A fetch that started then is applied; `unchanged` if it told the same as the one before. */
  settle(startedAt: number, unchanged: boolean): void;
}

export interface ThreadEventsSetup {
  environment: Environment;
  /** The open thread's. */
  scope: Scope;
  itemId(): string | null;
  onEntry(entry: Entry, isNew: boolean): void;
  /** Undefined once nobody types any more. */
  onTyping(typing: Typing | undefined): void;
  onHint(): void;
}

interface Change {
  entry: Entry;
  isNew: boolean;
  heardAt: number;
  /**
   * A fetch did not tell of it: the owner may read from a replica that lags behind; after a second fetch it
   * is dropped.
   */
  isDoubtful: boolean;
}

export function createThreadEvents(setup: ThreadEventsSetup): ThreadEvents {
  const { environment, scope, itemId, onEntry, onTyping, onHint } = setup;
  const changes = new Map<string, Change>();
  let cancelTyping = () => {};

  function typing({ role, name }: Envelope["data"]) {
    if (role === "USER") return; // the visitor's own, from another tab
    cancelTyping();
    onTyping(typeof name === "string" ? { name } : {});
    cancelTyping = scope.after(TYPING, () => onTyping(undefined));
  }

  function change({ type, at, data }: Envelope) {
    const message = data.conversationId === itemId() ? readMessage(data.message) : null;
    if (!message) return;
    const isNew = type === "message:new";
    const entry = entryOf(message);
    if (type === "message:deleted") entry.deletedAt ??= at;
    changes.set(entry.id, { entry, isNew, heardAt: environment.nextInOrder(), isDoubtful: false });
    if (entry.author.role !== "visitor") {
      cancelTyping();
      onTyping(undefined);
    }
    onEntry(entry, isNew);
  }

  return {
    receive(envelope) {
      const events = envelope ? eventsOf(envelope) : [];
      for (const event of events) {
        if (event.type === "typing") typing(event.data);
        else if (/^message:(new|updated|deleted)$/.test(event.type)) change(event);
      }
      // Typing leaves nothing to fetch. All else may have changed more than it tells.
      if (events.length === 0 || events.some(({ type }) => type !== "typing")) onHint();
    },
    over(entries, sending) {
      const known = new Set([...entries, ...sending].flatMap(({ id, clientId = id }) => [id, clientId]));
      const added = [...changes.values()].filter(({ entry: { id, clientId = id }, isNew }) =>
        isNew && !known.has(id) && !known.has(clientId)
      );
      return [
        ...entries.map((entry) => changes.get(entry.id)?.entry ?? entry),
        ...added.map(({ entry }) => entry),
      ];
    },
    settle(startedAt, unchanged) {
      for (const [id, change] of changes) {
        if (change.heardAt > startedAt) continue;
        if (unchanged && !change.isDoubtful) change.isDoubtful = true;
        else changes.delete(id);
      }
    },
  };
}
