/** The part of a service worker's scope that is used; TypeScript's own types of it contradict those of pages. */
export interface WorkerScope {
  registration: {
    scope: string;
    pushManager: PushManager;
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

export interface WindowClient {
  url: string;
  visibilityState: "visible" | "hidden";
  focus(): Promise<unknown>;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

export interface WorkerEvent {
  waitUntil(work: Promise<unknown>): void;
  data?: { json(): unknown } | null;
  notification?: { data: unknown; close(): void };
  /** Of `pushsubscriptionchange`; not every browser tells them. */
  oldSubscription?: PushSubscription | null;
  newSubscription?: PushSubscription | null;
}
