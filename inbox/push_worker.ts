/** The inbox's service worker: shows push messages, and a click opens the conversation. It keeps no files and no data. */

/** The part of a service worker's scope that is used; TypeScript's own types of it contradict those of pages. */
interface WorkerScope {
  registration: {
    scope: string;
    showNotification(title: string, options: NotificationOptions & { renotify?: boolean }): Promise<void>;
  };
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listen: (event: WorkerEvent) => void): void;
}

interface WindowClient {
  url: string;
  visibilityState: "visible" | "hidden";
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

interface WorkerEvent {
  waitUntil(work: Promise<unknown>): void;
  data?: { json(): unknown } | null;
  notification?: { data: unknown; close(): void };
}

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
worker.addEventListener("push", (event) => event.waitUntil(show(event.data?.json() as Told | undefined)));
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
async function show(told: Told | undefined): Promise<void> {
  if (!told || (await windows()).some(({ visibilityState }) => visibilityState === "visible")) return;
  const { title, body, agentId, conversationId } = told;
  await worker.registration.showNotification(title, {
    body,
    tag: conversationId ?? agentId,
    renotify: true,
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

export {};
