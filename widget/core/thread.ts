import type { Tab } from "../../shared/tabs.ts";
import type { Problem } from "../../client/http/problem.ts";
import type { ReadonlySignal } from "../../client/platform/emitter.ts";
import type { TopicHandler } from "../../client/realtime/live.ts";
import type { Draft } from "../../client/sync/outbox.ts";
import type { Refetcher } from "../../client/sync/refetcher.ts";
import { createThreadView, EMPTY_THREAD, type ThreadSetup, type ThreadState } from "./thread_view.ts";
import type { KeptConversation } from "./kept_conversation.ts";
import { removeItem } from "./writes.ts";

/** An open thread. Lives until `close()`. */
export interface ThreadStore {
  readonly tab: Tab;
  /** Of conversations that Heddle keeps: what else a visitor can do there. */
  readonly kept?: KeptConversation;
  readonly state: ReadonlySignal<ThreadState>;
  /** What the visitor is writing; what was refused comes back to it. */
  readonly draft: ReadonlySignal<Draft>;
  setDraft(text: string): void;
  reload(): void;
  loadOlder(): void;
  /**
   * Takes the draft's place: shows the entry at once and sends it; `body` is trimmed by the caller and not
   * empty.
   */
  send(body: string): void;
  /** Sends a `failed` or `not_confirmed` entry again, with the same `clientId`. */
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** Discards it and puts its text back into the draft. */
  edit(clientId: string): void;
  /**
   * `reading`: the newest entry is on a visible screen; read receipts are sent only then (docs/realtime.md, rule 6). Where
   * the source has marks, it is told of the entries from the id `from` to the id `seen`, which were seen.
   */
  setReading(reading: boolean, seen?: string, from?: string): void;
  remove(): Promise<Problem | null>;
  close(): void;
}

/** What the rest of the core sees of a thread. */
export interface Thread extends ThreadStore {
  readonly refetcher: Refetcher;
  readonly itemId: string | null;
  /** Name of the conversation's channel, from the newest answer that told it. */
  readonly channel: string | undefined;
  /** What a broadcast on that channel does. */
  readonly listener: TopicHandler;
  /** The row's unread number in the list changed. */
  listChanged(): void;
  /** Shows nothing any more: the visitor left. */
  clear(): void;
}

export function createThread(setup: ThreadSetup): Thread {
  const { scope, list, outbox } = setup;
  const { state, source, paged, events, setReading, considerReading, show } = createThreadView(setup);
  const { refetcher } = paged;

  function close() {
    outbox.watch(null);
    scope.end();
  }

  outbox.watch({
    onChange: () => show(),
    onAccepted(answer) {
      source.accepted(answer);
      show();
      // An entry in the answer is as good as a fetch: the owner's broadcast brings the rest.
      if (!answer.entry || !source.isFetched) refetcher.refetch();
    },
  });
  refetcher.ensure();

  return {
    tab: list.tab,
    state,
    refetcher,
    listener: { onJoined: refetcher.subscribed, onEvent: events.receive },
    get itemId() {
      return outbox.itemId;
    },
    get channel() {
      return source.channel;
    },
    draft: outbox.draft,
    setDraft: outbox.setDraft,
    reload: paged.reload,
    loadOlder: paged.loadMore,
    send: outbox.add,
    resend: outbox.resend,
    discard: outbox.discard,
    edit: outbox.edit,
    clear() {
      close();
      outbox.clear();
      state.value = EMPTY_THREAD;
    },
    setReading,
    listChanged: considerReading,
    async remove() {
      const { itemId } = outbox;
      const problem = itemId === null ? null : await removeItem(list, itemId);
      if (problem) refetcher.refetch();
      return problem;
    },
    close,
  };
}
