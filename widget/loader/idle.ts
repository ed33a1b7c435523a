const LATEST_MS = 4_000;
const FALLBACK_MS = 1_000;

/** Runs `work` as soon as there is a body. */
export function whenParsed(work: () => void): void {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", work, { once: true });
  else work();
}

/** Runs `work` once the page has loaded and has nothing better to do, unless `signal` is aborted before. */
export function whenIdle(work: () => void, signal: AbortSignal): void {
  const idle = () => {
    // Safari has no requestIdleCallback.
    const [request, cancel] = "requestIdleCallback" in self
      ? [() => requestIdleCallback(work, { timeout: LATEST_MS }), cancelIdleCallback]
      : [() => setTimeout(work, FALLBACK_MS), clearTimeout];
    const handle = request() as number;
    signal.addEventListener("abort", () => cancel(handle));
  };
  if (document.readyState === "complete") idle();
  else addEventListener("load", idle, { once: true, signal });
}
