import type { Tab } from "../../shared/tabs.ts";
import type { TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { FetchOutcome, Refetcher } from "../../client/sync/refetcher.ts";
import type { Calls } from "./api.ts";
import type { CoreEvents } from "./core.ts";
import type { Lists } from "./lists.ts";
import type { CreateRecord, RecordStore } from "./record.ts";
import { createThread, type Thread, type ThreadStore } from "./thread.ts";
import { createOutboxes, type NotSent } from "./outboxes.ts";

/** Text that is kept until the visitor changes or clears it. */
export interface KeptForm {
  read(): string;
  keep(text: string): void;
}

/** The one thread or record that is open, and what was written into threads that are closed. */
export interface Threads {
  readonly thread: Thread | null;
  /** Of the thread or record. */
  readonly refetcher: Refetcher | undefined;
  /** Loads what a thread of that tab needs; `null` if it is there. What could not be loaded is done without. */
  prepare(tab: Tab): Promise<void> | null;
  openThread(tab: Tab, itemId: string | null): ThreadStore;
  openRecord(tab: Tab, itemId: string, create: CreateRecord): RecordStore;
  /** The changes to a record that the visitor has not saved. */
  form(tabId: string, itemId: string): KeptForm;
  listChanged(tab: Tab): void;
  /** Sends again what was not confirmed, where that is safe. */
  flush(): void;
}

export interface ThreadsSetup {
  environment: Environment;
  agentId: string;
  /** Whose writings are kept. */
  viewerId: string;
  /** The tabs where the visitor can write. */
  tabs: readonly Tab[];
  scope: Scope;
  calls: Calls;
  lists: Lists;
  notSent: Signal<NotSent>;
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onChannelChanged(): void;
  onMessage(detail: CoreEvents["message"]): void;
  onProblem: TellProblem;
}

export type CreateThreads = (setup: ThreadsSetup) => Threads;

/** `languageShown`: the language tag of what the visitor reads, empty before they read anything. */
export const createThreads = (setup: ThreadsSetup, languageShown?: () => string): Threads => {
  const { environment, scope, calls, lists, onFetched, onChannelChanged, onMessage, onProblem } = setup;
  const outboxes = createOutboxes(setup, languageShown);
  let open: Pick<Thread, "close" | "clear" | "refetcher"> | null = null;
  let thread: Thread | null = null;
  let createStoreThread: typeof createThread | null = null;

  function prepare(tab: Tab): Promise<void> | null {
    if (tab.source !== "store" || createStoreThread) return null;
    return import("./store_thread.ts").then(
      (module) => void (createStoreThread = module.createStoreThread),
      () => undefined,
    );
  }

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
    const create = (tab.source === "store" && createStoreThread) || createThread;
    return open = thread = create({
      environment,
      scope: turn(),
      calls,
      list: lists.of(tab),
      outbox: outboxes.of(tab, itemId),
      writings: outboxes.writings,
      hooks: {
        onFetched,
        onChannel: onChannelChanged,
        onForeignEntry: (id, entry) => onMessage({ tabId: tab.id, itemId: id, entry }),
        onEcho: () => outboxes.echoSupport.seen(tab.id),
        onProblem,
      },
    });
  }

  function openRecord(tab: Tab, itemId: string, create: CreateRecord): RecordStore {
    const list = lists.of(tab);
    const opened = create({ environment, scope: turn(), calls, list, itemId, onFetched, onProblem });
    open = opened;
    return opened;
  }

  for (const tab of setup.tabs) void prepare(tab);
  scope.onEnd(() => open?.clear());

  return {
    get thread() {
      return thread;
    },
    get refetcher() {
      return open?.refetcher;
    },
    prepare,
    openThread,
    openRecord,
    form: outboxes.form,
    listChanged(tab) {
      if (thread?.tab.id === tab.id) thread.listChanged();
    },
    flush: outboxes.flush,
  };
};
