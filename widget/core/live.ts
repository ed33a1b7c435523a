import type { RealtimeEnvironment } from "../../client/realtime/socket.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { Signal } from "../../client/platform/emitter.ts";
import { createLive, type Live, type LiveState, type TopicHandler } from "../../client/realtime/live.ts";
import type { FetchOutcome } from "../../client/sync/refetcher.ts";
import type { CoreOptions } from "./core.ts";
import type { Lists } from "./lists.ts";
import type { Session } from "./session/session.ts";
import type { Threads } from "./threads.ts";

const HOUR = 3_600_000;
/** While channel names are withheld after a rotation (docs/realtime.md, rule 10). */
const UNNAMED_POLL = 10_000;

/** Listens on the visitor's and the open conversation's channel, and says what must be fetched. */
export interface VisitorLive extends Omit<Live, "fetched"> {
  fetched(startedAt: number, outcome: FetchOutcome): void;
  /** The session stands, or stands again. */
  sessionChanged(): void;
}

export interface VisitorLiveSetup {
  environment: RealtimeEnvironment;
  scope: Scope;
  options: Pick<CoreOptions, "apiOrigin">;
  session: Session;
  lists: Lists;
  /** `null` until one was opened. */
  threads(): Threads | null;
  state: Signal<LiveState>;
  refetchOpen(): void;
  ensureOpen(): void;
}

export function createVisitorLive(setup: VisitorLiveSetup): VisitorLive {
  const { environment, scope, options, session, lists, threads, state, refetchOpen, ensureOpen } = setup;
  let cancelUpkeep = () => {};
  let cancelPoll: (() => void) | null = null;

  const live = createLive({
    environment,
    scope,
    state,
    url: `${options.apiOrigin.replace(/^http/, "ws")}/realtime/v1`,
    key: () => session.answer?.realtime.key ?? "",
    prepare: () => session.isDue() ? session.revalidate().then((problem) => problem === null) : null,
    isUseful: () => session.answer?.tabs.some(({ category }) => category === "messaging") === true,
    topics,
    poll: ensureOpen,
    onRefused: () => void session.revalidate().then((problem) => !problem && refetchOpen()),
    onComplete: () => threads()?.flush(),
  });

  /** docs/realtime.md, rule 4. */
  function topics(): Map<string, TopicHandler> {
    const thread = threads()?.thread;
    const handlers = new Map(lists.topics);
    if (thread?.channel) handlers.set(thread.channel, thread.listener);
    return handlers;
  }

  function pollUntilNamed() {
    cancelPoll ??= scope.after(UNNAMED_POLL, () => {
      cancelPoll = null;
      // A hidden page fetches when it becomes visible.
      if (environment.page.isVisible()) ensureOpen();
    });
  }

  /** A page that only listens makes no calls, so nothing else would notice that its session has ended. */
  function keepSession(milliseconds: number) {
    cancelUpkeep();
    cancelUpkeep = scope.after(milliseconds, async () => {
      const problem = live.isWanted() ? await session.revalidate() : null;
      if (problem) keepSession(milliseconds);
    });
  }

  return {
    ...live,
    fetched(startedAt, outcome) {
      if (outcome === "changed" || outcome === "unchanged") live.fetched(startedAt);
      if (lists.isUnnamed) pollUntilNamed();
    },
    sessionChanged() {
      live.listen();
      const { expiresAt, revalidateAfter } = session.answer ?? { expiresAt: "", revalidateAfter: 0 };
      const left = Date.parse(expiresAt) - environment.now();
      keepSession(Math.max(revalidateAfter * 1000, Math.min(left, HOUR)));
    },
  };
}
