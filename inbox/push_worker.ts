/** The inbox's service worker: shows push messages, and a click opens the conversation. It keeps no files and no data. */

import { mustShow, readTold, subscribeAgain } from "../kit/push/worker_push.ts";
import type { WindowClient, WorkerEvent, WorkerScope } from "../kit/push/worker_scope.ts";

interface Told {
  title: string;
  body: string;
  agentId: string;
  /** None: it is about none. */
  conversationId: string | null;
}

const worker = self as unknown as WorkerScope;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("push", (event) => event.waitUntil(show(event)));
worker.addEventListener(
  "pushsubscriptionchange",
  (event) => event.waitUntil(subscribeAgain(worker, event)),
);
worker.addEventListener("notificationclick", (event) => {
  event.notification?.close();
  event.waitUntil(open(event.notification?.data as Told));
});

/** The inbox's windows: other pages of its origin neither show what came nor hear of a click. */
async function windows(): Promise<WindowClient[]> {
  const open = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return open.filter(({ url }) => url.startsWith(worker.registration.scope));
}

/** Whoever has the inbox before them sees it under the bell. */
async function show(event: WorkerEvent): Promise<void> {
  const told = readTold<Told>(event, {
    title: new URL(worker.registration.scope).host,
    body: "There is something new in the inbox.",
    agentId: "",
    conversationId: null,
  });
  const isSeen = (await windows()).some(({ visibilityState }) => visibilityState === "visible");
  if (isSeen && !await mustShow(worker)) return;
  const { title, body, agentId, conversationId } = told;
  await worker.registration.showNotification(title, {
    body,
    tag: conversationId ?? (agentId || "inbox"),
    renotify: !isSeen,
    ...isSeen && { silent: true },
    data: told,
  });
}

async function open({ agentId, conversationId }: Told): Promise<void> {
  const hash = conversationId === null ? "" : `#/${agentId}/open/${conversationId}`;
  const [client] = await windows();
  if (!client) {
    await worker.clients.openWindow(worker.registration.scope + hash);
    return;
  }
  // Within the page, so that what is being written there stays.
  if (hash !== "") client.postMessage({ type: "heddle:open", hash });
  await client.focus();
}
