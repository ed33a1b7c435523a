import { unsubscribe } from "../../kit/push/browser_push.ts";
import type { Core } from "../core/core.ts";
import { isPageRequest, type PageRequest, pickUp } from "./handover.ts";
import { readMark, writeMark } from "./mark.ts";
import { pushPlace } from "./place.ts";

export interface PushPage {
  agentId: string;
  /** The owner's worker, as the script tag names it. */
  pushWorker?: string;
}

export interface PushParts {
  core: Pick<Core, "session" | "shown">;
  /** The panel. */
  open(): unknown;
  close(): void;
  /** Aborted when the widget is shut down. */
  signal: AbortSignal;
}

/**
 * Follows who the visitor is: a browser that was told by push for somebody who has left is told no more. And opens the
 * conversation that somebody clicked for, here or in the service worker's new window.
 */
export function followPush(
  { agentId, pushWorker = "" }: PushPage,
  { core, signal, ...panel }: PushParts,
): void {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  const place = pushPlace(pushWorker, agentId);

  /** `visitorId`: who is known here, if anybody is. */
  function check(visitorId?: string) {
    const mark = readMark(agentId);
    if (mark && (visitorId === undefined || mark.visitorId === visitorId)) return;
    writeMark(agentId, null);
    void quietly(() => unsubscribe(place));
  }

  function agree({ type, conversationId }: PageRequest): boolean {
    const { value } = core.session;
    const tab = value.status === "ready" && value.tabs.find(({ source }) => source === "store");
    if (!tab) return false;
    if (type === "heddle:here") return true;
    // An open panel takes up what is to be shown as it opens.
    panel.close();
    if (conversationId) core.shown.keep(JSON.stringify({ tabId: tab.id, itemId: conversationId }));
    panel.open();
    return true;
  }

  serviceWorker.addEventListener("message", ({ data, ports }) => {
    if (isPageRequest(data) && data.agentId === agentId && agree(data)) ports[0]?.postMessage(true);
  }, { signal });

  // Once what forgets a visitor is through: then their mark is gone.
  const checkSoon = () => void setTimeout(check);
  const stop = core.session.subscribe((session) => {
    if (session.status !== "ready") return checkSoon();
    check(session.endUser.id);
    void quietly(() => pickUp(place.scope.href, Date.now()).then((left) => left && agree(left)));
  });
  signal.addEventListener("abort", () => {
    stop();
    checkSoon();
  });
}

/** What fails here is tried again with the next page; nobody waits for it. */
async function quietly(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch {
    // Blocked storage, or no push here.
  }
}
