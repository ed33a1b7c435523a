import { computed, effect, signal } from "@preact/signals-core";
import { browserEnvironment } from "./browser_environment.ts";
import { createEmitter } from "./emitter.ts";
import type { CoreEnvironment } from "./environment.ts";
import { createScope } from "./scope.ts";
import { createSessionStore } from "./session/store.ts";
import type { Core, CoreOptions, LiveState, SessionState } from "./types.ts";
import type { CreateThreads } from "./stores/threads.ts";
import { createVisit } from "./visit.ts";
import type { Visit } from "./visit.ts";

/** Makes the widget's core. Nothing happens before it is used; `shutdown()` ends everything it began. */
export function createCore(options: CoreOptions, environment: CoreEnvironment = browserEnvironment()): Core {
  const scope = createScope(environment);
  const emitter = createEmitter();
  const session = signal<SessionState>({ status: "idle" });
  const live = signal<LiveState>("off");
  const unreadByTab = signal<Readonly<Record<string, number>>>({});
  const unread = computed(() => Object.values(unreadByTab.value).reduce((sum, count) => sum + count, 0));
  const store = createSessionStore(environment.storage, options.agentId, () => {
    const message = "The browser blocks storage: the visitor is forgotten when the page closes.";
    emitter.emit("error", { code: "storage_blocked", message });
  });
  let panelOpen = false;
  let createThreads: CreateThreads = () => {
    throw new Error("useThreads comes before openItem.");
  };
  let visit: Visit | null = null;

  /** Ends the former visit with all it holds, and begins another. */
  function begin(userToken: string | undefined): Visit {
    visit?.end();
    session.value = { status: "idle" };
    unreadByTab.value = {};
    visit = createVisit({
      environment,
      parent: scope,
      options: { ...options, userToken },
      store,
      emitter,
      signals: { session, live, unreadByTab },
      createThreads: (setup) => createThreads(setup),
      onOver({ resume }) {
        const next = begin(userToken);
        if (resume) void next.start();
      },
    });
    visit.setPanelOpen(panelOpen);
    return visit;
  }

  const current = () => visit ?? begin(options.userToken);

  scope.onEnd(effect(() => emitter.emit("unread", unread.value)));

  return {
    session,
    live,
    unreadByTab,
    unread,
    start: () => current().start(),
    async identify(userToken) {
      if (!current().takeToken(userToken)) await begin(userToken).start();
    },
    logout() {
      store.forgetVisitor();
      begin(undefined);
    },
    setPanelOpen(open) {
      panelOpen = open;
      current().setPanelOpen(open);
    },
    list: (tabId) => current().list(tabId),
    useThreads(create) {
      createThreads = create;
    },
    openItem: (tabId, itemId) => current().openItem(tabId, itemId),
    on: emitter.on,
    shutdown: scope.end,
  };
}
