import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { Conversation } from "../../client/sync/conversation.ts";
import type { Project } from "./project.ts";
import type { Row } from "./rows.ts";

/** What a visitor has changed since the team read it, in an open conversation. */
export interface EditedSince {
  /** Ids of those messages; of one that was read meanwhile as well, until the conversation is left. */
  readonly ids: ReadonlySignal<ReadonlySet<string>>;
  /** Whether somebody sees the end of the conversation, where it says what was changed. */
  setReading(reading: boolean): void;
  /** What the operator has seen may count for the team from now on. */
  holderChanged(): void;
}

export interface EditedSinceSetup {
  scope: Scope;
  project: Project;
  id: string;
  row: ReadonlySignal<Row | null>;
  state: Conversation["state"];
}

/**
 * A change has a number behind those of messages that may be unread: it is told as read once they are, and once by this
 * operator, since for a colleague who only looks in the row stays as it is.
 */
export function followEdits({ scope, project, id, row, state }: EditedSinceSetup): EditedSince {
  const ids = signal<ReadonlySet<string>>(new Set());
  let reading = false;
  let told = 0;

  function consider() {
    const edited = row.value?.edited;
    if (!edited) return;
    if (!edited.ids.every((each) => ids.value.has(each))) ids.value = new Set([...ids.value, ...edited.ids]);
    const { status, unread, unreadAbove } = state.value;
    if (!reading || edited.seq <= told || status !== "ready" || unread > 0 || unreadAbove) return;
    told = edited.seq;
    void project.call("inbox_read", { p_conversation_id: id, p_seq: edited.seq }, {}).then((result) => {
      if (!result.ok) told = 0;
    });
  }

  scope.onEnd(row.subscribe(consider));
  scope.onEnd(state.subscribe(consider));
  return {
    ids,
    setReading(next) {
      reading = next;
      consider();
    },
    holderChanged() {
      told = 0;
      consider();
    },
  };
}
