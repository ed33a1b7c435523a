/** HTML Living Standard, "close requests and close watchers"; TypeScript does not know it yet. */
declare class CloseWatcher {
  onclose: (() => void) | null;
  destroy(): void;
}

/**
 * Calls `back` for each Back of the system, such as the button or gesture of a phone, until `signal` is aborted. By
 * CloseWatcher: entries in the page's history would be the page's to deal with.
 */
export function followSystemBack(signal: AbortSignal, back: () => void): void {
  if (signal.aborted) return;
  const ended = new AbortController();
  const watcher = new CloseWatcher();
  watcher.onclose = () => {
    ended.abort();
    back();
    // One of them hears of one Back only.
    followSystemBack(signal, back);
  };
  signal.addEventListener("abort", () => watcher.destroy(), { signal: ended.signal });
}
