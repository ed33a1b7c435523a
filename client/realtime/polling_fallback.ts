import type { Signal } from "../platform/signal.ts";
import { pollDelay } from "../platform/delays.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";

/** `offline`: the socket has been away for more than three seconds (docs/realtime.md, rule 11); the banner shows. */
export type LiveState = "off" | "connecting" | "live" | "offline";

const PATIENCE = 3000;

/** What the visitor is told about the connection, and the polling that stands in for it (docs/realtime.md, rule 11). */
export interface PollingFallback {
  /** `away`: something can't be heard that should be. */
  update(now: { wanted: boolean; away: boolean; complete: boolean }): void;
  /** A fetch that started then was applied. */
  fetched(startedAt: number): void;
}

export interface PollingFallbackSetup {
  environment: Environment;
  scope: Scope;
  state: Signal<LiveState>;
  poll(): void;
}

export function createPollingFallback(
  { environment, scope, state, poll }: PollingFallbackSetup,
): PollingFallback {
  let completeSince: number | null = null;
  let cancelPatience: (() => void) | null = null;
  let cancelPoll: (() => void) | null = null;

  function calm() {
    cancelPatience?.();
    cancelPoll?.();
    cancelPatience = cancelPoll = null;
  }

  function pollLater(attempt: number) {
    cancelPoll = scope.after(pollDelay(attempt, environment.random), () => {
      // A hidden page stays silent; what it missed is fetched when it is looked at again.
      if (environment.page.isVisible()) poll();
      pollLater(attempt + 1);
    });
  }

  function goOffline() {
    state.value = "offline";
    pollLater(0);
  }

  return {
    update({ wanted, away, complete }) {
      completeSince = complete ? completeSince ?? environment.nextInOrder() : null;
      if (!wanted) {
        calm();
        state.value = "off";
      } else if (state.value === "offline") {
        return;
      } else if (complete) {
        calm();
        state.value = "live";
      } else {
        state.value = "connecting";
        if (away) cancelPatience ??= scope.after(PATIENCE, goOffline);
      }
    },
    fetched(startedAt) {
      if (state.value !== "offline" || completeSince === null || startedAt < completeSince) return;
      calm();
      state.value = "live";
    },
  };
}
