type Cancel = () => void;

const LATEST_MS = 4_000;
const FALLBACK_MS = 1_000;

/** Runs `work` as soon as there is a body. */
export function whenParsed(work: () => void): void {
  if (document.readyState !== "loading") return work();
  document.addEventListener("DOMContentLoaded", work, { once: true });
}

/** Runs `work` once the page has loaded and has nothing better to do. Returns what cancels it. */
export function whenIdle(work: () => void): Cancel {
  if (document.readyState === "complete") return requestIdle(work);
  let cancelIdle: Cancel = () => {};
  const onLoad = () => {
    cancelIdle = requestIdle(work);
  };
  addEventListener("load", onLoad, { once: true });
  return () => {
    removeEventListener("load", onLoad);
    cancelIdle();
  };
}

/** Safari has no `requestIdleCallback`. */
function requestIdle(work: () => void): Cancel {
  if (typeof requestIdleCallback === "function") {
    const handle = requestIdleCallback(work, { timeout: LATEST_MS });
    return () => cancelIdleCallback(handle);
  }
  const handle = setTimeout(work, FALLBACK_MS);
  return () => clearTimeout(handle);
}
