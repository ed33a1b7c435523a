/** What the project keeps to reach this browser. */
export interface PushDevice {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** A service worker that shows push messages, and the addresses that it is registered for. */
export interface PushPlace {
  worker: URL;
  scope: URL;
}

/** `unsupported`: this browser knows no push, or the page is not served over https. */
export type PushState = "on" | "off" | "denied" | "unsupported";

/** Whether this browser is told by push. Asks nobody for anything. */
export async function pushState(place: PushPlace): Promise<PushState> {
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis) || !("Notification" in globalThis)) {
    return "unsupported";
  }
  if (Notification.permission === "denied") return "denied";
  return await subscriptionOf(place) ? "on" : "off";
}

/**
 * Asks for permission, to be called on a click, and subscribes under the project's public key. `null` where it was not given.
 * Rejects where the worker can't be had, or the push service does not answer.
 */
export async function subscribe(place: PushPlace, publicKey: string): Promise<PushDevice | null> {
  if (await Notification.requestPermission() !== "granted") return null;
  return deviceOf(await subscribeAnew(place, publicKey));
}

/** As `subscribe`, but asks nobody: `null` where permission does not stand. What is subscribed under that key stays. */
export async function resubscribe(place: PushPlace, publicKey: string): Promise<PushDevice | null> {
  if (Notification.permission !== "granted") return null;
  const found = await subscriptionOf(place);
  return deviceOf(found && isUnder(found, publicKey) ? found : await subscribeAnew(place, publicKey));
}

/** Ends it in this browser; the push service then refuses what comes. Answers its endpoint, if there was one. */
export async function unsubscribe(place: PushPlace): Promise<string | null> {
  const subscription = await subscriptionOf(place);
  if (!subscription) return null;
  const { endpoint } = subscription;
  await subscription.unsubscribe();
  return endpoint;
}

async function subscribeAnew({ worker, scope }: PushPlace, publicKey: string): Promise<PushSubscription> {
  const registration = await navigator.serviceWorker.register(scriptUrl(worker), { scope: scope.href });
  await activated(registration);
  // A subscription under another project's key is refused until it has ended.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  return await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: publicKey,
  });
}

function isUnder({ options }: PushSubscription, publicKey: string): boolean {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer());
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === publicKey;
}

async function subscriptionOf({ scope }: PushPlace): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker?.getRegistration(scope.href);
  // Where none is registered for it, the browser answers with one of a wider scope: that is not ours.
  if (registration?.scope !== scope.href) return null;
  return await registration.pushManager?.getSubscription() ?? null;
}

function deviceOf(subscription: PushSubscription): PushDevice | null {
  const { endpoint, keys } = subscription.toJSON();
  const { p256dh, auth } = keys ?? {};
  return endpoint && p256dh && auth ? { endpoint, keys: { p256dh, auth } } : null;
}

function activated({ active, installing, waiting }: ServiceWorkerRegistration): Promise<void> {
  const worker = installing ?? waiting;
  if (active || !worker) return Promise.resolve();
  return new Promise((resolve, reject) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve();
      if (worker.state === "redundant") reject(new Error("The service worker did not start."));
    });
  });
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): {
    createScriptURL(url: string): string;
  };
}

/** As pages want it whose Content-Security-Policy asks for Trusted Types. */
function scriptUrl({ href }: URL): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("heddle-push", { createScriptURL: (url) => url });
  return policy?.createScriptURL(href) ?? href;
}
