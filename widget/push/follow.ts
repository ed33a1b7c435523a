import { unsubscribe } from "../../kit/push/browser_push.ts";
import type { UpdateItemAnswer } from "../../shared/api/tab_action.ts";
import type { Core } from "../core/core.ts";
import type { PushDevice } from "../core/kept_conversation.ts";
import type { SessionState } from "../core/session/session.ts";
import { isPageRequest, type PageRequest, pickUp } from "./handover.ts";
import { readMark, writeMark } from "./mark.ts";
import { pushPlace } from "./place.ts";

export interface PushPage {
  agentId: string;
  /** The owner's worker, as the script tag names it. */
  pushWorker?: string;
}

export interface PushParts {
  core: Pick<Core, "session" | "shown" | "list">;
  /** The panel. */
  open(): unknown;
  close(): void;
  /** Aborted when the widget is shut down. */
  signal: AbortSignal;
}

/**
 * Follows who the visitor is: a browser that was told by push for somebody who has left is told no more, and one that is told for who
 * is here goes on being told. And opens the conversation that somebody clicked for, here or in the service worker's new window.
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
    void quietly(() => renew({ agentId, pushWorker, core }, session));
    void quietly(() => pickUp(place.scope.href, Date.now()).then((left) => left && agree(left)));
  });
  signal.addEventListener("abort", () => {
    stop();
    checkSoon();
  });
}

type Ready = Extract<SessionState, { status: "ready" }>;

/** Where this visitor is told of replies here, they go on being told. */
async function renew(
  { agentId, pushWorker, core }: Required<PushPage> & Pick<PushParts, "core">,
  { endUser, tabs }: Ready,
): Promise<void> {
  const { id: tabId, pushKey } = tabs.find(({ pushKey }) => pushKey) ?? {};
  if (!tabId || !pushKey || readMark(agentId)?.visitorId !== endUser.id) return;
  const { calls } = core.list(tabId).writing;
  const push = async (device: PushDevice) => {
    // Whichever conversation is named: a browser is told of all.
    const request = { action: "update_item", tabId, itemId: tabId, changes: { push: device } } as const;
    const result = await calls.act<UpdateItemAnswer>(request, {});
    return result.ok ? null : result.problem;
  };
  const { renewReplies } = await import("./renewal.ts");
  await renewReplies({ agentId, pushWorker, pushKey, visitorId: endUser.id, push });
}

/** What fails here is tried again with the next page; nobody waits for it. */
async function quietly(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch {
    // Blocked storage, or no push here.
  }
}
