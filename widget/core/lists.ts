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
   * The visitor's channels as the lists name them, one for each kind of source that tabs have (two for the moment in which
   * a list has not heard of a rotation); the former one while names are withheld. And what a broadcast on it does.
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

  function make(tab: Tab): List {
    let named: string | undefined | null = null;
    const list = createList({
      environment,
      scope,
      calls,
      tab,
      onOpen: () => (lookedAt = tab.id),
      onFetched(startedAt, outcome) {
        const isAnswer = outcome === "changed" || outcome === "unchanged";
        if (isAnswer && tab.category === "messaging" && list.channel !== named) {
          const moved = named !== null;
          named = list.channel;
          if (named) onChannelChanged(moved);
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

  function count({ tab, state, beingRead }: List) {
    const counted = state.value.items.filter(({ id }) => id !== beingRead?.itemId);
    const unread = counted.reduce((sum, item) => sum + item.unread, 0);
    if ((unreadByTab.value[tab.id] ?? 0) !== unread) {
      unreadByTab.value = { ...unreadByTab.value, [tab.id]: unread };
    }
  }

  /** What a broadcast on the channel of a kind of source does. */
  function handlerOf(source: Tab["source"]): TopicHandler {
    const told = () => messaging().filter(({ tab }) => tab.source === source);
    const hint = () => told().forEach(({ refetcher }) => refetcher.hint());
    return {
      onJoined: (again) => told().forEach(({ refetcher }) => refetcher.subscribed(again)),
      onEvent(envelope) {
        if (source === "webhook") return hint();
        // What can't be loaded is fetched.
        import("./store_lists.ts").then((module) => module.receiveListEvents(told(), envelope), hint);
      },
    };
  }

  const messaging = () => inOrder().filter(({ tab }) => tab.category === "messaging");

  function inOrder(): List[] {
    return [...lists.values()]
      .filter(({ tab }) => tab.category === "messaging" || tab.id === lookedAt)
      .sort((a, b) => Number(b.tab.id === lookedAt) - Number(a.tab.id === lookedAt));
  }

  return {
    get topics() {
      return new Map(
        messaging().flatMap(({ tab, channel }) => channel ? [[channel, handlerOf(tab.source)]] : []),
      );
    },
    get isUnnamed() {
      return messaging().some(({ isUnnamed }) => isUnnamed);
    },
    of(tab) {
      let list = lists.get(tab.id);
      if (!list) lists.set(tab.id, list = make(tab));
      return list;
    },
    inOrder,
  };
}
