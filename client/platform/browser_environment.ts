import type { Environment, PageEvent, PageInfo, StorageArea } from "./environment.ts";

/** The surroundings of a real page. */
export function browserEnvironment(): Environment {
  let last = 0;
  return {
    fetch: (url, init) => fetch(url, init),
    now: () => Date.now(),
    setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
    clearTimeout: (id) => clearTimeout(id as number),
    random: () => Math.random(),
    uuid,
    nextInOrder: () => ++last,
    storage: pageStorage(),
    exclusively,
    page: {
      isVisible: () => document.visibilityState !== "hidden",
      isOnline: () => navigator.onLine !== false,
      info,
      listen,
    },
    warn: (message, ...cause) => console.warn(`heddle: ${message}`, ...cause),
  };
}

/** `crypto.randomUUID` exists in secure contexts only, and a shop in development may have none. */
function uuid(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const template = "10000000-1000-4000-8000-100000000000";
  return template.replace(/[018]/g, (digit) => {
    const noise = crypto.getRandomValues(new Uint8Array(1))[0] ?? 0;
    return (Number(digit) ^ (noise & (15 >> (Number(digit) / 4)))).toString(16);
  });
}

/** Longer than a request may take: a tab that holds a lock any longer is frozen. */
const LONGEST_WAIT = 16_000;

/** Locks exist in secure contexts only, and are refused wherever storage is. */
async function exclusively<Value>(name: string, run: () => Promise<Value>): Promise<Value> {
  if (!navigator.locks) return await run();
  let running: Promise<Value> | null = null;
  try {
    const signal = AbortSignal.timeout(LONGEST_WAIT);
    return await navigator.locks.request(name, { signal }, () => (running = run()));
  } catch (error) {
    if (running) throw error; // its own
    return await run();
  }
}

/** Limits as in shared/api/tab_action.ts. */
function info(): PageInfo | undefined {
  const url = location.origin + location.pathname;
  if (!url.startsWith("http") || url.length > 2048) return undefined;
  return {
    // Without the number of unread messages in front; a pair may have been cut in two.
    title: document.title.replace(/^\(\d+\) /, "").slice(0, 200).toWellFormed(),
    url,
    locale: navigator.language,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

function listen(handler: (event: PageEvent) => void): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  document.addEventListener(
    "visibilitychange",
    () => handler(document.visibilityState === "hidden" ? "hidden" : "visible"),
    { signal },
  );
  for (const name of ["focus", "online", "offline"] as const) {
    addEventListener(name, () => handler(name), { signal });
  }
  addEventListener("pageshow", ({ persisted }) => persisted && handler("restored"), { signal });
  // Firefox does not store a page whose socket was open, and by now it is too late to close it: there Back is a new page view.
  addEventListener("pagehide", () => handler("stored"), { signal });
  return () => ending.abort();
}

/** Web storage, or memory where the browser blocks it (private mode, a third-party frame). */
function pageStorage(): Environment["storage"] {
  const memory = new Map<string, string>();
  const areaOf = (area: StorageArea) => (area === "session" ? sessionStorage : localStorage);
  return {
    read(area, key) {
      const kept = memory.get(area + key);
      if (kept !== undefined) return kept;
      try {
        return areaOf(area).getItem(key);
      } catch {
        // Reading the property `sessionStorage` throws where storage is blocked.
        return null;
      }
    },
    write(area, key, value) {
      memory.delete(area + key);
      try {
        if (value === null) areaOf(area).removeItem(key);
        else areaOf(area).setItem(key, value);
        return true;
      } catch {
        if (value !== null) memory.set(area + key, value);
        return false;
      }
    },
  };
}
