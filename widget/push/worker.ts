/**
 * What an owner's service worker imports: shows that a visitor was answered, and a click opens the conversation in a page of the
 * site. It answers no requests, and keeps but what was clicked for until a page has picked it up.
 */
import type { WindowClient, WorkerScope } from "../../kit/push/worker_scope.ts";
import { leave, type PageRequest } from "./handover.ts";

interface Told {
  title: string;
  body: string;
  agentId: string;
  conversationId: string;
  /** The page where the visitor wrote last. */
  url?: string;
}

/** Milliseconds in which a page that is awake has answered. */
const ANSWER_MS = 300;

const worker = self as unknown as WorkerScope;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("push", (event) => event.waitUntil(show(event.data?.json() as Told | undefined)));
worker.addEventListener("notificationclick", (event) => {
  event.notification?.close();
  event.waitUntil(open(event.notification?.data as Told));
});

const windows = () => worker.clients.matchAll({ type: "window", includeUncontrolled: true });

/** Whoever has a page with the widget before them sees it there. */
async function show(told: Told | undefined): Promise<void> {
  if (!told) return;
  const { title, body, agentId, conversationId } = told;
  for (const client of await windows()) {
    if (client.visibilityState !== "visible") continue;
    if (await agrees(client, { type: "heddle:here", agentId, conversationId })) return;
  }
  await worker.registration.showNotification(title, {
    body,
    tag: conversationId,
    renotify: true,
    data: told,
  });
}

async function open({ agentId, conversationId, url }: Told): Promise<void> {
  const request: PageRequest = { type: "heddle:open", agentId, conversationId };
  for (const client of await windows()) {
    if (!await agrees(client, request)) continue;
    await client.focus();
    return;
  }
  const { scope } = worker.registration;
  await leave(scope, request, Date.now());
  await worker.clients.openWindow(pageOf(url, scope));
}

/** Whether there is a widget in that window that says yes. */
function agrees(client: WindowClient, request: PageRequest): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<boolean>((resolve) => {
    port1.onmessage = () => resolve(true);
    setTimeout(resolve, ANSWER_MS, false);
  });
  client.postMessage(request, [port2]);
  return answer.finally(() => port1.close());
}

/** A page of this site, whatever was said. */
function pageOf(url: string | undefined, scope: string): string {
  const { origin } = new URL(scope);
  return url !== undefined && URL.canParse(url) && new URL(url).origin === origin ? url : `${origin}/`;
}
