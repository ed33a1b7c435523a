import type { Signal } from "../../client/platform/emitter.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { Calls } from "./api.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { TopicHandler } from "../../client/realtime/live.ts";
import { createList, type List } from "./list.ts";
import type { TellProblem } from "../../client/http/problem.ts";
import type { FetchOutcome } from "../../client/sync/refetcher.ts";

/** The lists of all tabs, made when they are first asked for. */
export interface Lists {
  /**
   * The visitor's channel, as the list that was fetched last names it; the former one while names are
   * withheld.
   */
  readonly channel: string | undefined;
  /**
   * The newest answer named no channel: none is handed out shortly after a rotation (docs/realtime.md, rule
   * 10).
   */
  readonly isUnnamed: boolean;
  /** What a broadcast on the channel does. */
  readonly listener: TopicHandler;
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
  /** `moved`: there was another one before, or none was handed out. */
  onChannelChanged(moved: boolean): void;
  onProblem: TellProblem;
  onChange(list: List): void;
}

export function createLists(setup: ListsSetup): Lists {
  const { environment, scope, calls, unreadByTab, onFetched, onChannelChanged, onProblem, onChange } = setup;
  const lists = new Map<string, List>();
  let lookedAt: string | undefined;
  let channel: string | undefined;
  let isUnnamed = false;
  let namedAt = 0;

  function make(tab: Tab): List {
    const list = createList({
      environment,
      scope,
      calls,
      tab,
      onOpen: () => (lookedAt = tab.id),
      onFetched(startedAt, outcome) {
        const isAnswer = outcome === "changed" || outcome === "unchanged";
        if (isAnswer && tab.category === "messaging" && startedAt > namedAt) {
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

  function name(next: string | undefined) {
    const moved = channel !== undefined || isUnnamed;
    isUnnamed = next === undefined;
    if (next === undefined || next === channel) return;
    channel = next;
    onChannelChanged(moved);
  }

  function count({ tab, state, beingRead }: List) {
    const counted = state.value.items.filter(({ id }) => id !== beingRead?.itemId);
    const unread = counted.reduce((sum, item) => sum + item.unread, 0);
    if ((unreadByTab.value[tab.id] ?? 0) !== unread) {
      unreadByTab.value = { ...unreadByTab.value, [tab.id]: unread };
    }
  }

  const messaging = () => inOrder().filter(({ tab }) => tab.category === "messaging");

  function inOrder(): List[] {
    return [...lists.values()]
      .filter(({ tab }) => tab.category === "messaging" || tab.id === lookedAt)
      .sort((a, b) => Number(b.tab.id === lookedAt) - Number(a.tab.id === lookedAt));
  }

  return {
    get channel() {
      return channel;
    },
    get isUnnamed() {
      return isUnnamed;
    },
    listener: {
      onJoined(again) {
        for (const { refetcher } of messaging()) refetcher.subscribed(again);
      },
      onEvent() {
        for (const { refetcher } of messaging()) refetcher.hint();
      },
    },
    of(tab) {
      let list = lists.get(tab.id);
      if (!list) lists.set(tab.id, list = make(tab));
      return list;
    },
    inOrder,
  };
}
