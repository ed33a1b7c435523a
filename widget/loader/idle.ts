const LATEST_MS = 4_000;

// Safari has none; there the work follows the load event as a task of its own.
const request = self.requestIdleCallback ?? setTimeout;

/** Runs `work` as soon as there is a body. */
export function whenParsed(work: () => void): void {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", work, { once: true });
  else work();
}

/** Runs `work` once the page has loaded and has nothing better to do, unless `signal` is aborted before. */
export function whenIdle(work: () => void, signal: AbortSignal): void {
  const idle = () => request(() => signal.aborted || work(), { timeout: LATEST_MS });
  if (document.readyState === "complete") idle();
  else addEventListener("load", idle, { once: true, signal });
}
