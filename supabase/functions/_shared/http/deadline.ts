export interface Deadline {
  /** Aborts with a `TimeoutError` when the time is over. */
  readonly signal: AbortSignal;
  /** What had to be done in time is done. */
  end(): void;
}

/**
 * `AbortSignal.timeout` would keep its timer, and all that hangs on it, until the time is over: at 500 calls
 * a second that shows.
 */
export function deadline(ms: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("The time is over.", "TimeoutError")), ms);
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}
