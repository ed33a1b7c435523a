import type { Signal } from "../../client/platform/signal.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { Calls } from "./api.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { createList } from "./list.ts";
import type { List } from "./list.ts";
import type { TellProblem } from "../../client/sync/problems.ts";
import type { FetchOutcome } from "../../client/sync/refetcher.ts";

/** The lists of all tabs, made when they are first asked for. */
export interface Lists {
  /** The visitor's channel, as the list that was fetched last names it. */
  readonly channel: string | undefined;
  of(tab: Tab): List;
  /** Every messaging list so far, and the one that is looked at: that one first. */
  inOrder(): List[];
}

export interface ListsSetup {
  environment: Environment;
  scope: Scope;
  calls: Calls;
  unreadByTab: Signal<Readonly<Record<string, number>>>;
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onChannelChanged(former: string | undefined): void;
  onProblem: TellProblem;
  onChange(list: List): void;
}

export function createLists(setup: ListsSetup): Lists {
  const { environment, scope, calls, unreadByTab, onFetched, onChannelChanged, onProblem, onChange } = setup;
  const lists = new Map<string, List>();
  let lookedAt: string | undefined;
  let channel: string | undefined;
  let namedAt = 0;

  function make(tab: Tab): List {
    const list = createList({
      environment,
      scope,
      calls,
      tab,
      onOpen: () => (lookedAt = tab.id),
      onFetched(startedAt, outcome) {
        if (list.channel && startedAt > namedAt) {
          namedAt = startedAt;
          name(list.channel);
        }
        onFetched(startedAt, outcome);
      },
      onProblem,
    });
    const unsubscribe = list.state.subscribe(() => {
      if (tab.category === "messaging") count(list);
      onChange(list);
    });
    scope.onEnd(unsubscribe);
    return list;
  }

  function name(next: string) {
    const former = channel;
    if (next === former) return;
    channel = next;
    onChannelChanged(former);
  }

  function count({ tab, state }: List) {
    const unread = state.value.items.reduce((sum, item) => sum + item.unread, 0);
    if ((unreadByTab.value[tab.id] ?? 0) !== unread) {
      unreadByTab.value = { ...unreadByTab.value, [tab.id]: unread };
    }
  }

  return {
    get channel() {
      return channel;
    },
    of(tab) {
      let list = lists.get(tab.id);
      if (!list) lists.set(tab.id, list = make(tab));
      return list;
    },
    inOrder: () =>
      [...lists.values()]
        .filter(({ tab }) => tab.category === "messaging" || tab.id === lookedAt)
        .sort((a, b) => Number(b.tab.id === lookedAt) - Number(a.tab.id === lookedAt)),
  };
}
