/**
 * Runs `create` while `window.addEventListener` does nothing, and puts it back.
 *
 * Phoenix's Socket listens to `pagehide`, `pageshow` and `visibilitychange` of the window, can't be told not to and
 * never stops (`@supabase/phoenix`, `socket.js`): every socket would leave three listeners behind, and
 * reconnect behind the core's back. The core handles those events itself.
 */
export function withoutPageListeners<Made>(create: () => Made): Made {
  if (typeof window === "undefined") return create();
  const name = "addEventListener";
  const own = Object.getOwnPropertyDescriptor(window, name);
  Object.defineProperty(window, name, { configurable: true, value: () => {} });
  try {
    return create();
  } finally {
    if (own) Object.defineProperty(window, name, own);
    else Reflect.deleteProperty(window, name);
  }
}
