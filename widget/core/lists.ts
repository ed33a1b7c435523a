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
   * The visitor's channels, one for each kind of source that tabs have, as the list that was fetched last names it, the
   * former one while names are withheld; and what a broadcast on it does.
   */
  readonly topics: ReadonlyMap<string, TopicHandler>;
  /**
   * The newest answer of a source named no channel: none is handed out shortly after a rotation (docs/realtime.md, rule
   * 10).
   */
  readonly isUnnamed: boolean;
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
  const names = createNames(onChannelChanged);

  function make(tab: Tab): List {
    const list = createList({
      environment,
      scope,
      calls,
      tab,
      onOpen: () => (lookedAt = tab.id),
      onFetched(startedAt, outcome) {
        const isAnswer = outcome === "changed" || outcome === "unchanged";
        if (isAnswer && tab.category === "messaging") names.told(tab.source, list.channel, startedAt);
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

  function count({ tab, state, beingRead }: List) {
    const counted = state.value.items.filter(({ id }) => id !== beingRead?.itemId);
    const unread = counted.reduce((sum, item) => sum + item.unread, 0);
    if ((unreadByTab.value[tab.id] ?? 0) !== unread) {
      unreadByTab.value = { ...unreadByTab.value, [tab.id]: unread };
    }
  }

  /** What a broadcast on the channel of a kind of source does. */
  function handlerOf(source: Tab["source"]): TopicHandler {
    const refetchers = () =>
      inOrder()
        .filter(({ tab }) => tab.category === "messaging" && tab.source === source)
        .map(({ refetcher }) => refetcher);
    return {
      onJoined: (again) => refetchers().forEach(({ subscribed }) => subscribed(again)),
      onEvent: () => refetchers().forEach(({ hint }) => hint()),
    };
  }

  function inOrder(): List[] {
    return [...lists.values()]
      .filter(({ tab }) => tab.category === "messaging" || tab.id === lookedAt)
      .sort((a, b) => Number(b.tab.id === lookedAt) - Number(a.tab.id === lookedAt));
  }

  return {
    get topics() {
      return new Map(names.channels().map(([source, channel]) => [channel, handlerOf(source)]));
    },
    get isUnnamed() {
      return names.isUnnamed();
    },
    of(tab) {
      let list = lists.get(tab.id);
      if (!list) lists.set(tab.id, list = make(tab));
      return list;
    },
    inOrder,
  };
}

/** The visitor's channel for each kind of source, as the newest answer names it. */
function createNames(onChannelChanged: ListsSetup["onChannelChanged"]) {
  const names = new Map<Tab["source"], { channel: string; isUnnamed: boolean; at: number }>();

  return {
    /** An answer to a fetch that started then named this channel, or withheld its name. */
    told(source: Tab["source"], told: string | undefined, at: number) {
      const former = names.get(source);
      if (former && at <= former.at) return;
      const channel = told ?? former?.channel ?? "";
      names.set(source, { channel, isUnnamed: told === undefined, at });
      if (told !== undefined && told !== former?.channel) onChannelChanged(former !== undefined);
    },
    channels: () =>
      [...names].flatMap(([source, { channel }]) => channel ? [[source, channel] as const] : []),
    isUnnamed: () => [...names.values()].some(({ isUnnamed }) => isUnnamed),
  };
}
