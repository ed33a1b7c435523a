import type { CreateItemAnswer } from "../../shared/api/tab_action.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { createOutbox, type Outbox } from "../../client/sync/outbox.ts";
import type { FetchOutcome, Refetcher } from "../../client/sync/refetcher.ts";
import type { Calls } from "./api.ts";
import type { CoreEvents } from "./core.ts";
import type { Lists } from "./lists.ts";
import { createRecord, type RecordStore } from "./record.ts";
import { createThread, type Thread, type ThreadStore } from "./thread.ts";
import { CREATED } from "./clicks.ts";
import { storageKeys } from "./session/store.ts";

/** The one thread or record that is open, and what was written into threads that are closed. */
export interface Threads {
  readonly thread: Thread | null;
  /** Of the thread or record. */
  readonly refetcher: Refetcher | undefined;
  openThread(tab: Tab, itemId: string | null): ThreadStore;
  openRecord(tab: Tab, itemId: string): RecordStore;
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
  const outboxes = createOutboxes(setup);
  let open: Pick<Thread, "close" | "clear" | "refetcher"> | null = null;
  let thread: Thread | null = null;

  /** Closes what is open; the scope of what takes its place. */
  function turn(): Scope {
    open?.close();
    const next = scope.child();
    next.onEnd(() => {
      open = thread = null;
      onChannelChanged();
    });
    return next;
  }

  function openThread(tab: Tab, itemId: string | null): ThreadStore {
    return open = thread = createThread({
      environment,
      scope: turn(),
      calls,
      list: lists.of(tab),
      outbox: outboxes.of(tab, itemId),
      hooks: {
        onFetched,
        onChannel: onChannelChanged,
        onForeignEntry: (id, entry) => onMessage({ tabId: tab.id, itemId: id, entry }),
        onEcho: () => outboxes.echoSupport.seen(tab.id),
        onProblem,
      },
    });
  }

  function openRecord(tab: Tab, itemId: string): RecordStore {
    const list = lists.of(tab);
    const opened = createRecord({ environment, scope: turn(), calls, list, itemId, onFetched, onProblem });
    open = opened;
    return opened;
  }

  scope.onEnd(() => open?.clear());

  return {
    get thread() {
      return thread;
    },
    get refetcher() {
      return open?.refetcher;
    },
    openThread,
    openRecord,
    listChanged(tab) {
      if (thread?.tab.id === tab.id) thread.listChanged();
    },
    flush: outboxes.flush,
  };
};

/** What was written, by tab and conversation. */
function createOutboxes({ environment, agentId, scope, calls, lists, onProblem }: ThreadsSetup) {
  const all: { tabId: string; outbox: Outbox<CreateItemAnswer> }[] = [];
  const echoSupport = createEchoSupport(environment.storage, agentId);

  return {
    echoSupport,
    of(tab: Tab, itemId: string | null): Outbox<CreateItemAnswer> {
      const known = all.find(({ tabId, outbox }) => tabId === tab.id && outbox.itemId === itemId);
      if (known && itemId !== null) return known.outbox;
      const outbox = createOutbox<CreateItemAnswer>({
        environment,
        scope,
        viewer: "visitor",
        itemId,
        send({ itemId, ...entry }) {
          const conversation = itemId !== null && { itemId };
          return calls.act({ action: "create_item", tabId: tab.id, ...conversation, ...entry }, CREATED);
        },
        isIdempotent: () => echoSupport.expectedOf(tab.id),
        onAccepted({ entry, item }, startedAt) {
          if (entry?.clientId) echoSupport.seen(tab.id);
          else echoSupport.missed(tab.id);
          lists.of(tab).written(item, startedAt);
        },
        onProblem,
      });
      all.push({ tabId: tab.id, outbox });
      return outbox;
    },
    flush() {
      for (const { outbox } of all) outbox.flush();
    },
  };
}

/** Which tabs' owners echo `clientId`, so that sending twice stores once (docs/realtime.md, rule 7). */
interface EchoSupport {
  expectedOf(tabId: string): boolean;
  seen(tabId: string): void;
  /** The owner accepted an entry and did not echo: until the next echo, the tab's owner is not known to. */
  missed(tabId: string): void;
}

/**
 * This depends on the owner and not on the visitor, so it is kept beyond page and visit: the network may fail
 * before a page has seen an echo.
 */
function createEchoSupport(storage: Environment["storage"], agentId: string): EchoSupport {
  const { echoKey } = storageKeys(agentId);
  const expectedOf = (tabId: string) => storage.read("local", echoKey + tabId) !== null;
  return {
    expectedOf,
    seen(tabId) {
      if (!expectedOf(tabId)) storage.write("local", echoKey + tabId, "1");
    },
    missed: (tabId) => void storage.write("local", echoKey + tabId, null),
  };
}
