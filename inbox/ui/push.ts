import {
  type PushDevice,
  type PushPlace,
  pushState as stateOf,
  subscribe as subscribeTo,
  unsubscribe as unsubscribeFrom,
} from "../../kit/push/browser_push.ts";
import { readPlace } from "./place.ts";

const WORKER = "push_worker.js";

/** A click on a push message names the place to open. */
export function followPushes(): void {
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    const { type, hash } = Object(data) as { type?: unknown; hash?: unknown };
    if (type !== "heddle:open" || typeof hash !== "string") return;
    if (readPlace(hash).conversationId) location.hash = hash;
  });
}

/** Whether this browser is told by push. Asks nobody for anything. */
export const pushState = () => stateOf(place());

/** Asks for permission, to be called on a click, and subscribes. `null` where it was not given. */
export const subscribe = (publicKey: string): Promise<PushDevice | null> => subscribeTo(place(), publicKey);

/** Ends it in this browser; the push service then refuses what comes. Answers its endpoint, if there was one. */
export const unsubscribe = () => unsubscribeFrom(place());

function place(): PushPlace {
  return { worker: new URL(WORKER, document.baseURI), scope: new URL(".", document.baseURI) };
}
