import { vi } from "vitest";

/** What a browser subscribes with: the bytes of a P-256 point, in base64url. */
export const keyOf = (byte: number) => Buffer.alloc(65, byte).toString("base64url");

interface Subscription {
  endpoint: string;
  options: { applicationServerKey: ArrayBuffer };
}

/** A browser's interfaces for push in memory, put into the page's place. `asked` counts how often somebody was asked for permission. */
export function createPushBrowser(permission: NotificationPermission = "granted") {
  const registrations = new Map<string, ReturnType<typeof register>>();
  const locks = new Map<string, Promise<unknown>>();
  let made = 0;

  function register(script: string, scope: string) {
    let subscription: Subscription | null = null;
    const whole = ({ endpoint, options }: Subscription) => ({
      endpoint,
      options,
      toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }),
      unsubscribe: () => Promise.resolve(subscription = null),
    });
    return {
      script,
      scope,
      active: {},
      pushManager: {
        getSubscription: () => Promise.resolve(subscription && whole(subscription)),
        subscribe({ applicationServerKey }: { applicationServerKey: string }) {
          if (browser.permission !== "granted") {
            return Promise.reject(new DOMException("", "NotAllowedError"));
          }
          if (subscription) return Promise.reject(new DOMException("", "InvalidStateError"));
          const key = new Uint8Array(Buffer.from(applicationServerKey, "base64url")).buffer;
          subscription = {
            endpoint: `https://push.example/${++made}`,
            options: { applicationServerKey: key },
          };
          return Promise.resolve(whole(subscription));
        },
      },
      lose: () => void (subscription = null),
      move: (endpoint: string) => void (subscription = subscription && { ...subscription, endpoint }),
    };
  }

  const container = Object.assign(new EventTarget(), {
    getRegistration: (url: string) => Promise.resolve(registrations.get(url)),
    register(script: string, { scope }: { scope: string }) {
      const found = registrations.get(scope) ?? register(script, scope);
      registrations.set(scope, found);
      return Promise.resolve(found);
    },
  });

  const browser = {
    permission,
    asked: 0,
    /** The subscription of what is registered for that scope. */
    subscribed: (scope: string) => registrations.get(scope)?.pushManager.getSubscription() ?? null,
    lose: (scope: string) => registrations.get(scope)?.lose(),
    /** The push service reaches it at another address from now on. */
    move: (scope: string, endpoint: string) => registrations.get(scope)?.move(endpoint),
    /** As a page of the site may do with all workers. */
    unregister: () => registrations.clear(),
  };
  vi.stubGlobal("PushManager", class {});
  vi.stubGlobal("Notification", {
    get permission() {
      return browser.permission;
    },
    requestPermission() {
      browser.asked++;
      return Promise.resolve(browser.permission);
    },
  });
  Object.defineProperties(navigator, {
    serviceWorker: { value: container, configurable: true },
    locks: {
      configurable: true,
      value: {
        request(name: string, _: object, run: () => Promise<unknown>) {
          const done = (locks.get(name) ?? Promise.resolve()).then(run);
          locks.set(name, done.catch(() => undefined));
          return done;
        },
      },
    },
  });
  return browser;
}
