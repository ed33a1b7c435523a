import type { CreateItemAnswer } from "../../shared/api/tab_action.ts";
import type { Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { Calls } from "./api.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { CoreEvents } from "./core.ts";
import type { ThreadStore } from "./thread.ts";
import type { List } from "./list.ts";
import type { Lists } from "./lists.ts";
import { createEchoes } from "./echo_support.ts";
import { createOutbox } from "../../client/sync/outbox.ts";
import type { Outbox } from "../../client/sync/outbox.ts";
import type { TellProblem } from "../../client/sync/problems.ts";
import type { FetchOutcome } from "../../client/sync/refetcher.ts";
import { CREATED } from "./thread_answers.ts";
import { createThread } from "./thread.ts";
import type { Thread } from "./thread.ts";

/** The one open thread, and what was written into those that are closed. */
export interface Threads {
  readonly open: Thread | null;
  openItem(tab: Tab, itemId: string | null): ThreadStore;
  listChanged(tab: Tab): void;
  /** Sends again what was not confirmed, where that is safe. */
  flush(): void;
}

export interface ThreadsSetup {
  environment: Environment;
  agentId: string;
  scope: Scope;
  calls: Calls;
  lists: Lists;
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onChannelChanged(): void;
  onMessage(detail: CoreEvents["message"]): void;
  onProblem: TellProblem;
}

export type CreateThreads = (setup: ThreadsSetup) => Threads;

export const createThreads: CreateThreads = (setup) => {
  const { environment, scope, calls, lists, onFetched, onChannelChanged, onMessage, onProblem } = setup;
  const outboxes: { tabId: string; outbox: Outbox }[] = [];
  const echoes = createEchoes(environment.storage, setup.agentId);
  let open: Thread | null = null;

  function outboxOf(tab: Tab, itemId: string | null): Outbox {
    const known = outboxes.find(({ tabId, outbox }) => tabId === tab.id && outbox.itemId === itemId);
    if (known && itemId !== null) return known.outbox;
    const outbox = createOutbox({
      environment,
      scope,
      itemId,
      send: ({ itemId, ...entry }) =>
        calls.act(
          { action: "create_item", tabId: tab.id, ...(itemId !== null && { itemId }), ...entry },
          CREATED,
        ),
      isIdempotent: () => echoes.expectedOf(tab.id),
      onAccepted: (answer, startedAt) => onAccepted(tab, answer, startedAt),
      onProblem,
    });
    outboxes.push({ tabId: tab.id, outbox });
    return outbox;
  }

  function onAccepted(tab: Tab, { entry, item }: CreateItemAnswer, startedAt: number) {
    if (entry?.clientId) echoes.seen(tab.id);
    else echoes.missed(tab.id);
    lists.of(tab).written(item, startedAt);
  }

  function openItem(tab: Tab, itemId: string | null): ThreadStore {
    open?.close();
    const list = lists.of(tab);
    const threadScope = scope.child();
    const thread: Thread = createThread({
      environment,
      scope: threadScope,
      calls,
      tab,
      outbox: outboxOf(tab, itemId),
      unreadInList: () => list.state.value.items.find(({ id }) => id === thread.itemId)?.unread ?? 0,
      hooks: {
        onFetched,
        onChannel: onChannelChanged,
        onForeignEntry: (id, entry) => onMessage({ tabId: tab.id, itemId: id, entry }),
        onEcho: () => echoes.seen(tab.id),
        onRead: list.markRead,
        onProblem,
        onUpdate: (item, startedAt) => refreshRow(list, item, startedAt),
        remove: list.remove,
      },
    });
    threadScope.onEnd(() => {
      if (open !== thread) return;
      open = null;
      onChannelChanged();
    });
    return open = thread;
  }

  scope.onEnd(() => open?.clear());

  return {
    get open() {
      return open;
    },
    openItem,
    listChanged(tab) {
      if (open?.tab.id === tab.id) open.listChanged();
    },
    flush() {
      for (const { outbox } of outboxes) outbox.flush();
    },
  };
};

function refreshRow(list: List, item: Item | undefined, startedAt: number) {
  if (item) list.merge(item, startedAt);
  list.refetcher.refetch();
}
