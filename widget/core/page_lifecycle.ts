import type { Environment, PageEvent } from "../../client/platform/environment.ts";
import type { Live } from "../../client/realtime/live.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { Session } from "./session/session.ts";

/** Visible, restored, online and focus come in bursts; one round answers them all. */
const BURST = 150;

export interface PageLifecycle {
  setPanelOpen(open: boolean): void;
}

export interface PageLifecycleSetup {
  environment: Environment;
  scope: Scope;
  session: Session;
  live: Pick<Live, "wake" | "pause" | "setVisible" | "listen">;
  /** Sends what waits. */
  flush(): void;
  refetchOpen(): void;
  ensureOpen(): void;
}

/** Catches up after the page was hidden, frozen or offline (docs/realtime.md, rule 9). */
export function createPageLifecycle(
  { environment, scope, session, live, flush, refetchOpen, ensureOpen }: PageLifecycleSetup,
): PageLifecycle {
  let panelOpen = false;
  let replaceSocket = false;
  let cancelRound: (() => void) | null = null;

  async function round() {
    cancelRound = null;
    if (!environment.page.isVisible()) return;
    const replace = replaceSocket;
    replaceSocket = false;
    if (session.failed) void session.start();
    if (session.answer && session.isDue()) await session.revalidate();
    if (scope.ended) return;
    live.wake(replace);
    refetchOpen();
  }

  function wake(replace: boolean) {
    replaceSocket ||= replace;
    cancelRound ??= scope.after(BURST, round);
  }

  const react: Record<PageEvent, () => void> = {
    visible() {
      live.setVisible(true);
      wake(false);
    },
    hidden: () => live.setVisible(false),
    focus() {
      if (panelOpen) wake(false);
    },
    // The network is another one, or the page slept: the old socket may look alive and hear nothing.
    online() {
      // What waits goes out even if nobody looks at the page.
      flush();
      wake(true);
    },
    offline: () => live.listen(),
    restored: () => wake(true),
    stored: () => live.pause(),
  };
  scope.onEnd(environment.page.listen((event) => react[event]()));

  return {
    setPanelOpen(open) {
      if (open && !panelOpen) ensureOpen();
      panelOpen = open;
    },
  };
}
