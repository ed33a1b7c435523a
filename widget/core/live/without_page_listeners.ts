/**
 * Runs `create` while `window.addEventListener` does nothing, and puts it back.
 *
 * Phoenix's Socket listens to `pagehide`, `pageshow` and `visibilitychange` of the window, can't be told not to and
 * never stops (`@supabase/phoenix`, `socket.js`): every socket would leave three listeners behind, and
 * reconnect behind the core's back. The core handles those events itself.
 */
export function withoutPageListeners<Made>(create: () => Made): Made {
  const page: Partial<Pick<Window, "addEventListener">> = globalThis;
  if (typeof window === "undefined" || !page.addEventListener) return create();
  const own = Object.getOwnPropertyDescriptor(page, "addEventListener");
  page.addEventListener = () => {};
  try {
    return create();
  } finally {
    if (own) Object.defineProperty(page, "addEventListener", own);
    else delete page.addEventListener;
  }
}
