/**
 * What an owner's service worker imports: shows that a visitor was answered, and a click opens the conversation in a page of the
 * site. It answers no requests, and keeps but what was clicked for until a page has picked it up.
 */
import { mustShow, readTold, subscribeAgain } from "../../kit/push/worker_push.ts";
import type { WindowClient, WorkerEvent, WorkerScope } from "../../kit/push/worker_scope.ts";
import { leave, type PageRequest } from "./handover.ts";

interface Told {
  title: string;
  body: string;
  agentId: string;
  /** Empty where nobody knows. */
  conversationId: string;
  /** The page where the visitor wrote last. */
  url?: string;
}

/** Milliseconds in which a page that is awake has answered. Firefox opens a window within a second of the click. */
const ANSWER_MS = 300;

const worker = self as unknown as WorkerScope;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("push", (event) => event.waitUntil(show(event)));
worker.addEventListener(
  "pushsubscriptionchange",
  (event) => event.waitUntil(subscribeAgain(worker, event)),
);
worker.addEventListener("notificationclick", (event) => {
  event.notification?.close();
  event.waitUntil(open(event.notification?.data as Told));
});

const windows = () => worker.clients.matchAll({ type: "window", includeUncontrolled: true });

/** Whoever has a page with the widget before them sees it there. */
async function show(event: WorkerEvent): Promise<void> {
  const { scope } = worker.registration;
  const told = readTold<Told>(event, {
    title: new URL(scope).host,
    body: "You have an answer.",
    // The scope ends with it (place.ts).
    agentId: scope.split("/").at(-2) ?? "",
    conversationId: "",
  });
  const { title, body, agentId, conversationId } = told;
  const looked = (await windows()).filter(({ visibilityState }) => visibilityState === "visible");
  const isSeen = await firstToAgree(looked, { type: "heddle:here", agentId, conversationId }) !== null;
  if (isSeen && !await mustShow(worker)) return;
  await worker.registration.showNotification(title, {
    body,
    tag: conversationId || agentId,
    renotify: !isSeen,
    ...isSeen && { silent: true },
    data: told,
  });
}

async function open({ agentId, conversationId, url }: Told): Promise<void> {
  const request = { agentId, conversationId };
  const client = await firstToAgree(await windows(), { ...request, type: "heddle:here" });
  if (client) {
    client.postMessage({ ...request, type: "heddle:open" });
    await client.focus();
    return;
  }
  const { scope } = worker.registration;
  await leave(scope, { ...request, type: "heddle:open" }, Date.now());
  await worker.clients.openWindow(pageOf(url, scope));
}

/** All are asked at once: which of those windows has a widget that says yes first, or `null`. */
async function firstToAgree(asked: WindowClient[], request: PageRequest): Promise<WindowClient | null> {
  if (asked.length === 0) return null;
  const channels = asked.map((client) => {
    const { port1, port2 } = new MessageChannel();
    return { client, port1, port2 };
  });
  const answer = new Promise<WindowClient | null>((resolve) => {
    setTimeout(resolve, ANSWER_MS, null);
    for (const { client, port1, port2 } of channels) {
      port1.onmessage = () => resolve(client);
      client.postMessage(request, [port2]);
    }
  });
  return await answer.finally(() => channels.forEach(({ port1 }) => port1.close()));
}

/** A page of this site, whatever was said. */
function pageOf(url: string | undefined, scope: string): string {
  const { origin } = new URL(scope);
  return url !== undefined && URL.canParse(url) && new URL(url).origin === origin ? url : `${origin}/`;
}
