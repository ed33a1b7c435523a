import { setTimeout as delay } from "node:timers/promises";
import type { CDPSession, Page, Route } from "playwright-core";
import { setVisible } from "../../support/shop_page.ts";

/** What happens to a page that people look at. */
export type PageFault =
  | { do: "hidden" | "frozen" | "asleep" | "offline"; ms: number }
  | { do: "answers"; are: AnswerFault; ms: number };

type AnswerFault = "slow" | "lost" | "never asked for";

/** Answers come in another order than they were asked for. */
const SLOW_ANSWERS = [3_000, 200, 6_000, 1_200];

export interface PageFaults {
  perform(fault: PageFault): Promise<void> | void;
  /** Resolves when those that go on beside other steps are over. */
  over(): Promise<void>;
}

/** `calls`: which URLs a page's calls have. The page's clock must be installed. */
export function createPageFaults(page: Page, calls: string): PageFaults {
  const standing = new Set<Promise<void>>();

  /** Until it is over people go on. */
  function stand(begin: () => Promise<unknown>, ms: number, end: () => Promise<void>) {
    const fault = begin().then(() => delay(ms)).finally(end).catch(() => undefined)
      .finally(() => standing.delete(fault));
    standing.add(fault);
  }

  async function freeze(ms: number) {
    const session: CDPSession = await page.context().newCDPSession(page);
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await delay(ms);
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await session.detach();
  }

  async function hide(ms: number) {
    await setVisible(page, false);
    await delay(ms);
    await setVisible(page, true);
  }

  return {
    perform(fault) {
      switch (fault.do) {
        case "hidden":
          return hide(fault.ms);
        case "frozen":
          return freeze(fault.ms);
        case "asleep":
          return page.clock.fastForward(fault.ms);
        case "offline": {
          const context = page.context();
          return stand(() => context.setOffline(true), fault.ms, () => context.setOffline(false));
        }
        case "answers": {
          const handler = mistreat(fault.are);
          return stand(() => page.route(calls, handler), fault.ms, () => page.unroute(calls, handler));
        }
      }
    },
    async over() {
      while (standing.size > 0) await Promise.all(standing);
    },
  };
}

/** What becomes of a page's calls. */
function mistreat(are: AnswerFault) {
  let calls = 0;
  return async (route: Route) => {
    // The page may go elsewhere meanwhile.
    const ignore = () => undefined;
    if (are === "slow") {
      await delay(SLOW_ANSWERS[calls++ % SLOW_ANSWERS.length]);
      return route.continue().catch(ignore);
    }
    if (are === "lost") await route.fetch().catch(ignore);
    return route.abort("connectionreset").catch(ignore);
  };
}
