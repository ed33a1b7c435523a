import { readPlace } from "./place.ts";

const WORKER = "push_worker.js";

/** What the project keeps to reach this browser. */
export interface PushSubscriptionKeys {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** `unsupported`: this browser knows no push, or the page is not served over https. */
export type PushState = "on" | "off" | "denied" | "unsupported";

/** A click on a push message names the place to open. */
export function followPushes(): void {
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    const { type, hash } = Object(data) as { type?: unknown; hash?: unknown };
    if (type !== "heddle:open" || typeof hash !== "string") return;
    if (readPlace(hash).conversationId) location.hash = hash;
  });
}

/** Whether this browser is told by push. Asks nobody for anything. */
export async function pushState(): Promise<PushState> {
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    return "unsupported";
  }
  if (Notification.permission === "denied") return "denied";
  return await current() ? "on" : "off";
}

/** Asks for permission, to be called on a click, and subscribes. `null` where it was not given. */
export async function subscribe(publicKey: string): Promise<PushSubscriptionKeys | null> {
  if (await Notification.requestPermission() !== "granted") return null;
  await navigator.serviceWorker.register(new URL(WORKER, document.baseURI));
  const registration = await navigator.serviceWorker.ready;
  // A subscription under another project's key is refused until it has ended.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: publicKey,
  });
  const { endpoint, keys } = subscription.toJSON();
  const { p256dh, auth } = keys ?? {};
  return endpoint && p256dh && auth ? { endpoint, p256dh, auth } : null;
}

/** Ends it in this browser; the push service then refuses what comes. Answers its endpoint, if there was one. */
export async function unsubscribe(): Promise<string | null> {
  const subscription = await current();
  if (!subscription) return null;
  const { endpoint } = subscription;
  await subscription.unsubscribe();
  return endpoint;
}

async function current(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker?.getRegistration(document.baseURI);
  return await registration?.pushManager?.getSubscription() ?? null;
}
